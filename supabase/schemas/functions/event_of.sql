create function latchkey.event_of(token latchkey.refresh_tokens, event latchkey.session_event)
returns latchkey.event_record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  record latchkey.event_record;
begin
  record.created_at := now();
  record.event := event_of.event;
  record.session_id := token.session_id;
  record.user_id := token.user_id;
  record.ip := token.ip;
  record.user_agent := token.user_agent;
  return record;
end
$$;

comment on function latchkey.event_of(latchkey.refresh_tokens, latchkey.session_event) is
  'An event of a session that happens now, for record_events(), without what only some events have: a reason and who caused it. Internal.';
