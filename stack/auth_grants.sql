-- What a hosted project lets others do with Auth's tables. Run as
-- supabase_auth_admin once Auth has created them.
grant usage on schema auth to postgres, dashboard_user;
grant select, insert, update, delete, references, trigger
on auth.users, auth.sessions, auth.refresh_tokens, auth.identities
to postgres;
