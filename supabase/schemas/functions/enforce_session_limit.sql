-- The limit also holds for sign-ins at the same time: if a limit is set, the sign-ins
-- of one user run one after the other. It uses an advisory lock, because Auth also
-- locks every row that could be locked instead.

create function latchkey.enforce_session_limit(user_id uuid, settings latchkey.settings)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- When a limit was just set, a user may have many more sessions. The next sign-ins
  -- end the rest.
  most constant integer := 1000;
  surplus uuid[];
begin
  if settings.sessions_per_user is null then
    return true;
  end if;
  perform pg_advisory_xact_lock(
    hashtextextended('latchkey.enforce_session_limit ' || enforce_session_limit.user_id, 0)
  );
  surplus := array(
    select t.session_id from latchkey.refresh_tokens t
    where t.user_id = enforce_session_limit.user_id
      and now() < t.active_until
      and exists (select from auth.sessions s where s.id = t.session_id)
    order by t.created_at desc, t.session_id
    offset settings.sessions_per_user - 1
    limit most
  );
  if surplus <> '{}' and settings.at_session_limit = 'refuse' then
    return false;
  elsif surplus <> '{}' then
    perform latchkey.end_sessions(surplus, 'session_limit', null, null, null);
  end if;
  return true;
end
$$;

comment on function latchkey.enforce_session_limit(uuid, latchkey.settings) is
  'Ends sessions of a user if needed, so that one more can start in this transaction: true if it can, false if the limit refuses the session. Internal.';
