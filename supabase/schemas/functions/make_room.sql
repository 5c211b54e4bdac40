-- Exact under simultaneous logins: they pass here one by one, and only where a
-- limit is set. A lock of a number, because there is no row to lock that Auth
-- does not lock too.

create function latchkey.make_room(user_id uuid, settings latchkey.settings)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  standing uuid[];
  surplus uuid[];
begin
  if settings.sessions_per_user is null then
    return true;
  end if;
  perform pg_advisory_xact_lock(
    hashtextextended('latchkey.make_room ' || make_room.user_id, 0)
  );
  standing := array(
    select t.session_id from latchkey.refresh_tokens t
    where t.user_id = make_room.user_id
      and t.revoked_at is null
      and now() < t.expires_at
      and now() < t.idle_expires_at
      and exists (select from auth.sessions s where s.id = t.session_id)
    order by t.created_at desc, t.session_id
  );
  surplus := standing[settings.sessions_per_user:];
  if surplus <> '{}' and settings.at_session_limit = 'refuse' then
    return false;
  elsif surplus <> '{}' then
    perform latchkey.end_sessions(surplus, 'session_limit');
  end if;
  return true;
end
$$;

comment on function latchkey.make_room(uuid, latchkey.settings) is
  'Makes room for one more session of a user, until the transaction ends: true if there is some, false if the limit refuses it. Security definer: reads and ends sessions.';
