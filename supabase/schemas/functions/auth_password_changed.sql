-- Auth first changes the password and then deletes the sessions, in one transaction.
-- A setting that is local to the transaction tells auth_sessions_deleted() the
-- reason.

create function latchkey.auth_password_changed()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.encrypted_password is distinct from old.encrypted_password then
    perform set_config('latchkey.password_changed_by', new.id::text, true);
  end if;
  return null;
exception when others then
  raise warning 'latchkey: a password change was not noted: %', sqlerrm;
  return null;
end
$$;

comment on function latchkey.auth_password_changed() is
  'Trigger on auth.users: records for this transaction which user''s password changes, so that sessions that end because of it get that reason. Security definer: runs as Auth''s role.';

create or replace trigger latchkey_auth_password_changed
  after update on auth.users
  for each row
  execute function latchkey.auth_password_changed();
