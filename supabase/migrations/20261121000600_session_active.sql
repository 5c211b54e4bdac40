-- The live check for policies. Written apart from session_state() because it
-- runs in every query of an app that asks it: two index lookups, one plan.

create function latchkey.session_active()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  caller constant uuid := nullif(auth.jwt() ->> 'session_id', '');
begin
  return exists (select from auth.sessions s where s.id = caller)
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
