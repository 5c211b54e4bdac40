-- Sign-outs that Supabase Auth does itself. These triggers ride on Auth's own
-- statements, as Auth's role: whatever goes wrong in them must not make a
-- login, a logout or a password change fail. So each body is one guarded call,
-- none waits long for a lock, and none names a column in its definition: that
-- would keep an upgrade of Auth from altering the column. (A trigger on a table of
-- another owner cannot be commented; the functions are.)

create function latchkey.auth_session_deleted()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
set lock_timeout = '500ms'
as $$
begin
  update latchkey.refresh_tokens t
  set revoked_at = now(),
      revoked_reason = case
        when not exists (
          select from auth.users u where u.id = old.user_id and u.deleted_at is null
        ) then 'user_deleted'
        when current_setting('latchkey.password_changed_by', true) = old.user_id::text
          then 'password_changed'
        else 'signed_out'
      end
  where t.session_id = old.id and t.revoked_at is null;
  return null;
exception when others then
  raise warning 'latchkey: a session that Auth ended was not revoked: %', sqlerrm;
  return null;
end
$$;

comment on function latchkey.auth_session_deleted() is
  'Trigger on auth.sessions: a session that Supabase Auth deletes (sign-out, password change, deleted user) is revoked, with the reason. Security definer: runs as Auth''s role, which may not write refresh_tokens.';

create or replace trigger latchkey_auth_session_deleted
  after delete on auth.sessions
  for each row
  execute function latchkey.auth_session_deleted();

-- Auth changes the password and deletes the sessions in one transaction, in
-- this order: a note that lives as long as the transaction tells the trigger
-- above why.
create function latchkey.auth_password_changed()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
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
  'Trigger on auth.users: notes, for this transaction, whose password changes, so that the sessions it ends get that reason. Security definer: runs as Auth''s role.';

create or replace trigger latchkey_auth_password_changed
  after update on auth.users
  for each row
  execute function latchkey.auth_password_changed();

-- Auth keeps the sessions of a banned user, and they would work again when the
-- ban ends. Here a ban ends them.
create function latchkey.auth_user_banned()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
set lock_timeout = '500ms'
as $$
begin
  if new.banned_until is not distinct from old.banned_until
    or coalesce(new.banned_until <= now(), true) then
    return null;
  end if;
  perform latchkey.end_sessions(
    array(select s.id from auth.sessions s where s.user_id = new.id
          union
          select t.session_id from latchkey.refresh_tokens t
          where t.user_id = new.id and t.revoked_at is null),
    'banned'
  );
  return null;
exception when others then
  raise warning 'latchkey: the sessions of a banned user were not ended: %', sqlerrm;
  return null;
end
$$;

comment on function latchkey.auth_user_banned() is
  'Trigger on auth.users: a ban ends every session of the user. Security definer: runs as Auth''s role, which may not write refresh_tokens.';

create or replace trigger latchkey_auth_user_banned
  after update on auth.users
  for each row
  execute function latchkey.auth_user_banned();
