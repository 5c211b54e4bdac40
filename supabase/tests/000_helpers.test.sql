-- Helpers for the tests, in schema tests. This file runs first and its functions stay
-- in the database, so that every other file can use them. The names that Supabase
-- users know from basejump's test helpers mean the same here.
--
-- Ids are readable and keep their order: a user is called by a name that begins with
-- a letter from a to f, and has numbered devices.
--   tests.get_supabase_uid('ann')   aaaaaaaa-0000-4000-8000-000000000000
--   tests.session_id('ann')         aaaaaaaa-0000-4000-8000-000000000001, device 1
--   tests.session_id('ann', 2)      aaaaaaaa-0000-4000-8000-000000000002, device 2

begin;
-- Two runs on one database must not create the same function at the same time.
select pg_advisory_xact_lock(hashtext('latchkey tests'));
create schema if not exists tests;

create or replace function tests.session_id(identifier text, device integer default 1)
returns uuid language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select (repeat(left(identifier, 1), 8) || '-0000-4000-8000-' || lpad(device::text, 12, '0'))::uuid;
$$;

create or replace function tests.get_supabase_uid(identifier text)
returns uuid language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select tests.session_id(identifier, 0);
$$;

create or replace function tests.secret_hash(identifier text, device integer default 1)
returns bytea language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select sha256(convert_to(identifier || ' ' || device, 'UTF8'));
$$;

create or replace function tests.create_supabase_user(identifier text)
returns uuid language sql volatile
set search_path = pg_catalog, pg_temp as $$
  insert into auth.users (id, email, aud, role)
  values (
    tests.get_supabase_uid(identifier), identifier || '@pgtap.example',
    'authenticated', 'authenticated'
  )
  returning id;
$$;

-- A session that only Supabase Auth knows. The user is created where it is missing.
create or replace function tests.create_auth_session(identifier text, device integer default 1)
returns uuid language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from auth.users u where u.id = tests.get_supabase_uid(identifier)) then
    perform tests.create_supabase_user(identifier);
  end if;
  insert into auth.sessions (id, user_id)
  values (tests.session_id(identifier, device), tests.get_supabase_uid(identifier));
  return tests.session_id(identifier, device);
end
$$;

-- Latchkey's part of a sign-in with a password.
create or replace function tests.login(identifier text, device integer default 1)
returns latchkey.login_result language sql volatile
set search_path = pg_catalog, pg_temp as $$
  select latchkey.login(
    tests.session_id(identifier, device), tests.secret_hash(identifier, device), 'aal1',
    '[{"method": "password", "timestamp": 1}]',
    case device when 1 then 'Firefox' when 2 then 'Safari' else 'Browser ' || device end,
    '192.0.2.' || device,
    case device when 1 then 'Laptop' when 2 then 'Phone' else 'Device ' || device end,
    null
  );
$$;

-- Signs the user in on a device. The user is created where it is missing.
create or replace function tests.sign_in(identifier text, device integer default 1)
returns uuid language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  perform tests.create_auth_session(identifier, device);
  perform tests.login(identifier, device);
  return tests.session_id(identifier, device);
end
$$;

create or replace function tests.refresh(identifier text, generation integer, device integer default 1)
returns latchkey.refresh_result language sql volatile
set search_path = pg_catalog, pg_temp as $$
  select latchkey.refresh(
    tests.session_id(identifier, device), generation, tests.secret_hash(identifier, device),
    null, null
  );
$$;

-- The keys of bound sessions, and proofs, are called by any text.
create or replace function tests.jkt(key text)
returns bytea language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select sha256(convert_to(key, 'UTF8'));
$$;

create or replace function tests.proof_id(proof text)
returns bytea language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select substr(sha256(convert_to(proof, 'UTF8')), 1, 16);
$$;

-- Signs ann in on device 1, with a session that is bound to the key 'hers'.
create or replace function tests.sign_in_bound()
returns uuid language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  perform tests.create_auth_session('ann');
  perform latchkey.login(
    tests.session_id('ann'), tests.secret_hash('ann'), 'aal1', '[]', 'Firefox', '192.0.2.1',
    'Laptop', null, proof_jkt => tests.jkt('hers'), proof_id => tests.proof_id('sign-in')
  );
  return tests.session_id('ann');
end
$$;

-- Refreshes ann's session on device 1 with a proof, by default of its key.
create or replace function tests.refresh_with(
  proof text, generation integer, key text default 'hers', nonce_generation integer default null
)
returns latchkey.refresh_result language sql volatile
set search_path = pg_catalog, pg_temp as $$
  select latchkey.refresh(
    tests.session_id('ann'), generation, tests.secret_hash('ann'), null, '192.0.2.66',
    proof_jkt => tests.jkt(key), proof_id => tests.proof_id(proof),
    proof_nonce_generation => nonce_generation
  );
$$;

create or replace function tests.end_session(
  identifier text, device integer default 1, reason latchkey.revoked_reason default 'admin'
)
returns integer language sql volatile
set search_path = pg_catalog, pg_temp as $$
  select latchkey.end_sessions(array[tests.session_id(identifier, device)], reason);
$$;

-- The state of a user's sessions, as text that a case can compare. These functions read as
-- the owner of the tables, also while the test acts as a user.

-- The sessions of Latchkey: '1 active, 2 expired, 3 signed_out', or 'none'.
create or replace function tests.sessions(identifier text)
returns text language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  select coalesce(string_agg(
    right(t.session_id::text, 12)::integer || ' ' || coalesce(
      t.revoked_reason::text,
      case when least(t.expires_at, t.idle_expires_at) > now() then 'active' else 'expired' end
    ), ', ' order by t.session_id
  ), 'none')
  from latchkey.refresh_tokens t where t.user_id = tests.get_supabase_uid(identifier);
$$;

-- The devices whose session Supabase Auth still has: '1, 3', or 'none'.
create or replace function tests.auth_sessions(identifier text)
returns text language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  select coalesce(string_agg(right(s.id::text, 12)::integer::text, ', ' order by s.id), 'none')
  from auth.sessions s where s.user_id = tests.get_supabase_uid(identifier);
$$;

-- The events after the sign-ins: '1 authn_token_revoked signed_out by user', or 'none'.
create or replace function tests.events(identifier text)
returns text language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  select coalesce(string_agg(
    concat_ws(
      ' ', right(e.session_id::text, 12)::integer, e.event, e.reason, 'by', e.initiating_entity
    ), ', ' order by e.session_id, e.created_at
  ), 'none')
  from latchkey.session_events e
  where e.user_id = tests.get_supabase_uid(identifier) and e.event <> 'session_created';
$$;

-- The broadcasts on the channels of the user and of the user's sessions:
-- 'session 2 hears 2 admin, user hears 2 admin', or 'none'.
create or replace function tests.broadcasts(identifier text)
returns text language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  select coalesce(string_agg(
    concat_ws(
      ' ', split_part(m.topic, ':', 1),
      case when m.topic like 'session:%' then right(m.topic, 12)::integer end,
      'hears', right(m.payload ->> 'session_id', 12)::integer, m.payload ->> 'reason'
    ), ', ' order by m.topic, m.payload ->> 'session_id'
  ), 'none')
  from realtime.messages m
  where m.topic = 'user:' || tests.get_supabase_uid(identifier)
    or m.topic like 'session:' || left(tests.get_supabase_uid(identifier)::text, 8) || '-%';
$$;

-- Acts as the user, with the access token of a session, until clear_authentication().
-- More claims replace those of the token.
create or replace function tests.authenticate_as(
  identifier text, device integer default 1, more_claims jsonb default '{}'
)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('request.jwt.claims', (jsonb_build_object(
    'sub', tests.get_supabase_uid(identifier),
    'session_id', tests.session_id(identifier, device),
    'role', 'authenticated'
  ) || more_claims)::text, true);
  perform set_config('role', 'authenticated', true);
end
$$;

create or replace function tests.authenticate_as_service_role()
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('request.jwt.claims', '{"role": "service_role"}', true);
  perform set_config('role', 'service_role', true);
end
$$;

create or replace function tests.clear_authentication()
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('role', 'anon', true);
  perform set_config('request.jwt.claims', '', true);
end
$$;

-- Moves the expiries of a session to the given time ago.
create or replace function tests.expire(
  identifier text, device integer default 1, idle interval default null, absolute interval default null
)
returns void language sql volatile
set search_path = pg_catalog, pg_temp as $$
  update latchkey.refresh_tokens set
    idle_expires_at = coalesce(now() - idle, idle_expires_at),
    expires_at = coalesce(now() - absolute, expires_at)
  where session_id = tests.session_id(identifier, device);
$$;

-- A valid secret of 24 bytes, another for each letter.
create or replace function tests.webhook_secret(letter text)
returns text language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select 'whsec_' || repeat(letter, 32);
$$;

-- Two receivers of notices, whose audiences are 'one' and 'two'.
create or replace function tests.create_receivers()
returns void language sql volatile
set search_path = pg_catalog, pg_temp as $$
  insert into latchkey.receivers (id, url, audience) values
    (tests.session_id('cat'), 'https://one.example/events', 'one'),
    (tests.session_id('cat', 2), 'https://two.example/events', 'two');
$$;

-- Makes a change, runs a query of one row and one column as text, undoes both, and
-- returns the row. With it, a file is a table of cases.
create or replace function tests.after(change text, query text)
returns text language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  answer text;
begin
  execute change;
  execute query into answer;
  raise sqlstate 'TSTOK';
exception when sqlstate 'TSTOK' then
  return answer;
end
$$;

-- Makes a change, runs a statement, undoes both, and returns the SQLSTATE of the
-- statement's error, or 'no error'.
create or replace function tests.error_after(change text, statement text)
returns text language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  execute change;
  begin
    execute statement;
  exception when others then
    raise sqlstate 'TSTOK' using message = sqlstate;
  end;
  raise sqlstate 'TSTOK' using message = 'no error';
exception when sqlstate 'TSTOK' then
  return sqlerrm;
end
$$;

-- Runs a statement and returns the text of its error with the detail, or 'no error'.
create or replace function tests.error_message(statement text)
returns text language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  message text;
  detail text;
begin
  execute statement;
  return 'no error';
exception when others then
  get stacked diagnostics message = message_text, detail = pg_exception_detail;
  return concat_ws(' ', message, detail);
end
$$;

-- The settings of a new installation.
create or replace function tests.reset_settings()
returns void language sql volatile
set search_path = pg_catalog, pg_temp as $$
  delete from latchkey.settings;
  insert into latchkey.settings default values;
$$;

-- What must not stop the end of a session is broken: the audit trail and Realtime.
create or replace function tests.break_events_and_broadcasts()
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  alter table latchkey.session_events rename to session_events_away;
  begin
    drop function realtime.send(jsonb, text, text, boolean);
  exception when insufficient_privilege then
    null;  -- A hosted project does not allow it.
  end;
end
$$;

-- What the live check says of a session, in words: 'active', 'revoked admin', …
create or replace function tests.session_state(identifier text, device integer default 1)
returns text language sql volatile
set search_path = pg_catalog, pg_temp as $$
  select concat_ws(' ', outcome, reason)
  from latchkey.session_state(
    tests.session_id(identifier, device), tests.get_supabase_uid(identifier)
  );
$$;

grant usage on schema tests to public;
grant execute on all functions in schema tests to public;
commit;

begin;
select plan(1);
select has_schema('tests', 'The helpers are installed');
select * from finish();
rollback;
