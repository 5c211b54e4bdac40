-- The live check for policies.

create function latchkey.session_active()
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (latchkey.session_state(latchkey.caller_session_id(), null)).outcome = 'active';
end
$$;

comment on function latchkey.session_active() is
  'True while the caller''s session is active; for policies, as (select latchkey.session_active()), which checks once per statement. Also works for sessions that Latchkey does not manage. Security definer: reads auth.sessions, which its callers may not.';
