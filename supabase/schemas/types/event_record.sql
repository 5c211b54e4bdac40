-- Not the row type of session_events, so that sessions can end while that table is
-- missing.

create type latchkey.event_record as (
  created_at timestamptz,
  event latchkey.session_event,
  session_id uuid,
  user_id uuid,
  reason latchkey.ended_reason,
  initiating_entity latchkey.initiating_entity,
  ip inet,
  user_agent text,
  client text,
  country text,
  previous_client text,
  previous_country text,
  new_device boolean,
  actor_session_id uuid,
  actor_ip inet
);
comment on type latchkey.event_record is
  'What happened to a session, as record_events() publishes it to the audit trail and the receivers. new_device: for session_created, whether its user had not signed in on the device before, but on others.';
