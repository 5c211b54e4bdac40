-- As it was, but a session that has run out keeps its own end: Auth deletes such
-- rows too, at a sign-out everywhere or in its own upkeep.

create or replace function latchkey.auth_session_deleted()
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
