-- Everything Latchkey owns lives in one schema. It is exposed to the Data API
-- (config.toml, [api] schemas) so that an app lists and ends its sessions with
-- plain supabase-js; what each role may do there stands in the last migration
-- of this series, on one screen.

create schema latchkey;
comment on schema latchkey is
  'Latchkey: revocable sessions on top of Supabase Auth.';

-- Roles belong to the whole server and outlive a database reset, hence the
-- look before. The role cannot log in until the owner of the project gives it
-- a password: there is no default secret.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'latchkey_functions') then
    create role latchkey_functions nologin noinherit;
  end if;
end
$$;
-- Shorter than the functions wait for an answer.
alter role latchkey_functions set statement_timeout = '2s';
-- The functions rely on seeing what others have committed meanwhile.
alter role latchkey_functions set default_transaction_isolation = 'read committed';
comment on role latchkey_functions is
  'What the Edge Functions log in as when LATCHKEY_DB_URL is set: executes Latchkey''s functions, reads and writes nothing.';

create type latchkey.session_result as (
  outcome text,
  reason text,
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb
);
comment on type latchkey.session_result is
  'What login and refresh answer. outcome: created, rotated and repeated come with the rest filled; reused, revoked, expired, unknown and banned come with at most a reason.';

create type latchkey.revoke_result as (
  outcome text,
  reason text,
  revoked integer
);
comment on type latchkey.revoke_result is
  'What revoke answers. outcome: done with the number of sessions ended, forbidden, or the state of a caller whose own session is over.';

create type latchkey.session_state_result as (
  outcome text,
  reason text
);
comment on type latchkey.session_state_result is
  'Where a session stands: active, revoked (with its reason) or expired (idle or absolute).';
