-- Applies settings.on_client_change. If several refreshes of a changed client arrive at
-- the same time, one of them records the change. The others wait for its row lock, and
-- find that the row already has this client.
--
-- step_up lowers the level in Supabase Auth's own row. So the next access token has
-- aal1, Auth raises the level when the user verifies a factor, and until then Auth lets
-- nobody enrol another factor.
--
-- A client may call itself something else at each refresh. So there are only so many
-- events in an hour, which tell as much as a thousand.

create function latchkey.record_client_change(
  session_id uuid,
  settings latchkey.settings,
  ip text,
  user_agent text,
  client text,
  country text
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  -- The most events of one session in an hour.
  most constant integer := 10;
  before latchkey.refresh_tokens;
  changed latchkey.event_record;
begin
  if settings.on_client_change in ('step_up', 'end') then
    -- Supabase Auth's row first, as everywhere.
    perform latchkey.lock_sessions(array[record_client_change.session_id]);
  end if;
  select t.* into before
  from latchkey.refresh_tokens t
  where t.session_id = record_client_change.session_id and now() < t.active_until
  for update;
  if not found or not latchkey.client_changed(
    before, settings, record_client_change.client, record_client_change.country
  ) then
    return false;
  end if;

  update latchkey.refresh_tokens t
  set last_ip = record_client_change.ip::inet,
      last_user_agent = nullif(left(record_client_change.user_agent, 512), t.user_agent),
      client = record_client_change.client,
      country = coalesce(record_client_change.country, t.country),
      aal = case settings.on_client_change when 'step_up' then 'aal1' else t.aal end
  where t.session_id = before.session_id;
  changed := latchkey.event_of(before, 'session_client_changed');
  changed.ip := record_client_change.ip::inet;
  changed.user_agent := left(record_client_change.user_agent, 512);
  changed.client := record_client_change.client;
  changed.country := record_client_change.country;
  changed.previous_client := before.client;
  changed.previous_country := before.country;
  if not exists (
    select from latchkey.session_events e
    where e.user_id = before.user_id
      and e.session_id = before.session_id
      and e.event = 'session_client_changed'
      and e.created_at > now() - interval '1 hour'
    offset most - 1
  ) then
    perform latchkey.record_events(array[changed]);
  end if;

  case settings.on_client_change
    when 'step_up' then
      update auth.sessions s set aal = 'aal1'
      where s.id = before.session_id and s.aal::text <> 'aal1';
    when 'end' then
      perform latchkey.end_sessions(
        array[before.session_id], 'suspicious', null, before.session_id,
        record_client_change.ip
      );
    else
      null;
  end case;
  return true;
end
$$;

comment on function latchkey.record_client_change(uuid, latchkey.settings, text, text, text, text) is
  'Records that a session is used from another client, with at most ten events an hour, and does what settings.on_client_change says. Returns false, and does nothing, if another call has recorded it or the session is not active. Internal.';
