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
set search_path = pg_catalog, pg_temp
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
  where t.session_id = old.id
    and t.revoked_at is null
    and now() < t.expires_at
    and now() < t.idle_expires_at;
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
