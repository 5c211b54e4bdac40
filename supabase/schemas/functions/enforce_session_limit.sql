-- Exact under simultaneous sign-ins: those of one user run one after the other, and
-- only where a limit is set. An advisory lock, because every row that could be
-- locked is locked by Auth too.

create function latchkey.enforce_session_limit(user_id uuid, settings latchkey.settings)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A limit that is new may find many sessions: the next sign-ins end the rest.
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
      and latchkey.is_active(t.revoked_at, t.expires_at, t.idle_expires_at)
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
  'Makes room for one more session of a user, until the transaction ends: true if there is room, false if the limit refuses the session. Internal.';
