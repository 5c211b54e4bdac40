-- Anew, for caller_session_id(): what looked like a UUID and was none raised.

create or replace function latchkey.session_active()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  caller constant uuid := latchkey.caller_session_id();
begin
  return exists (
      select from auth.sessions s
      join auth.users u on u.id = s.user_id
      where s.id = caller
        and u.deleted_at is null
        and (u.banned_until is null or u.banned_until <= now())
    )
    and not exists (
      select from latchkey.refresh_tokens t
      where t.session_id = caller
        and (t.revoked_at is not null
          or now() >= t.expires_at
          or now() >= t.idle_expires_at)
    );
end
$$;
