-- The live check for policies. Written apart from session_state() because it
-- runs in every query of an app that asks it: three index lookups, one plan.

create function latchkey.session_active()
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
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

comment on function latchkey.session_active() is
  'True while the caller''s session stands; for policies, as (select latchkey.session_active()), which asks once per statement. Also right for sessions that Latchkey does not manage. Security definer: reads auth.sessions, which its callers may not.';
