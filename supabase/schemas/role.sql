-- A role belongs to the whole server and remains after a database reset, so it may
-- exist already. It cannot log in until the project's owner gives it a password:
-- there is no default secret.

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'latchkey_functions') then
    create role latchkey_functions nologin noinherit;
  end if;
end
$$;
-- Shorter than the time for which the functions wait for an answer.
alter role latchkey_functions set statement_timeout = '2s';
-- The functions rely on seeing what others have committed in the meantime.
alter role latchkey_functions set default_transaction_isolation = 'read committed';
comment on role latchkey_functions is
  'What the Edge Functions log in as when LATCHKEY_DB_URL is set: executes Latchkey''s functions, reads and writes nothing itself.';
