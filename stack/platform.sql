-- What a hosted Supabase project has before its first migration: the roles,
-- schemas, owners and grants that the project's own migrations rely on. Run
-- once, as the superuser supabase_admin, in the transaction that also runs
-- realtime.sql. Login roles get their passwords at every start (platform.ts).

-- Roles ----------------------------------------------------------------------- The
-- three roles that a request to the API can run as, and the role that switches to
-- them.
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';

-- The services. Auth owns its schema and logs in; the others own objects only.
create role supabase_auth_admin login noinherit createrole;
alter role supabase_auth_admin set search_path = 'auth';
alter role supabase_auth_admin set idle_in_transaction_session_timeout = '60s';
create role supabase_storage_admin nologin noinherit createrole;
create role supabase_realtime_admin nologin noinherit;
create role dashboard_user nologin createdb createrole replication;

-- The role that runs the migrations. It has many privileges but is not a superuser.
create role postgres login createdb createrole replication bypassrls;
alter role postgres set search_path = '$user', 'public', 'extensions';
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;
grant anon, authenticated, service_role to postgres with admin option;
-- For `alter role authenticator set pgrst.db_pre_request = …`, which puts a
-- function in front of the Data API.
grant authenticator to postgres
  with admin option, inherit false, set false;
grant set on parameter pgrst.db_pre_request to postgres;
-- A hosted project lets postgres create policies on realtime.messages through the
-- extension supautils. Here, postgres is a member of the table's owner, which allows
-- it. The schema stays protected, because supabase_admin owns it.
grant supabase_realtime_admin to postgres with inherit true, set false;

alter database postgres owner to postgres;

-- Schemas ---------------------------------------------------------------------
grant usage on schema public
to postgres, anon, authenticated, service_role;

create schema extensions authorization postgres;
comment on schema extensions is 'Extensions, away from the API';
grant usage on schema extensions
to anon, authenticated, service_role, supabase_auth_admin, dashboard_user;

create schema auth authorization supabase_auth_admin;
comment on schema auth is 'Supabase Auth: users, sessions, identities';
grant usage on schema auth
to postgres, anon, authenticated, service_role, dashboard_user;

create schema storage;
comment on schema storage is 'Supabase Storage, which does not run here';
grant usage on schema storage
to postgres, anon, authenticated, service_role;

create schema graphql_public;
comment on schema graphql_public is 'GraphQL, which does not run here';
grant usage on schema graphql_public
to postgres, anon, authenticated, service_role;

-- Extensions ------------------------------------------------------------------
create extension pg_stat_statements with schema extensions;
create extension pgcrypto with schema extensions;
create extension "uuid-ossp" with schema extensions;
create extension pgtap with schema extensions;
grant execute on all functions in schema extensions to postgres;

-- The caller, for policies ----------------------------------------------------
-- They do not set search_path on purpose: a function that has a setting
-- cannot be inlined, and these run in every policy. They name nothing that a
-- search_path could redirect.
create function auth.jwt() returns jsonb
language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;
comment on function auth.jwt() is 'The claims of the request''s access token';

create function auth.uid() returns uuid
language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;
comment on function auth.uid() is 'The id of the user who makes the request';

create function auth.role() returns text
language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )
$$;
comment on function auth.role() is 'The role claim of the request';

create function auth.email() returns text
language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
  )
$$;
comment on function auth.email() is 'The email claim of the request';

alter function auth.jwt() owner to supabase_auth_admin;
alter function auth.uid() owner to supabase_auth_admin;
alter function auth.role() owner to supabase_auth_admin;
alter function auth.email() owner to supabase_auth_admin;

-- The Data API's schema cache -------------------------------------------------
create function extensions.reload_schema_cache() returns event_trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  notify pgrst, 'reload schema';
end
$$;
comment on function extensions.reload_schema_cache() is
  'Tells the Data API that tables or functions have changed';

create event trigger reload_schema_cache_on_ddl on ddl_command_end
execute function extensions.reload_schema_cache();
create event trigger reload_schema_cache_on_drop on sql_drop
execute function extensions.reload_schema_cache();
comment on event trigger reload_schema_cache_on_ddl is
  'Tells the Data API what was created or altered';
comment on event trigger reload_schema_cache_on_drop is
  'Tells the Data API what was dropped';
