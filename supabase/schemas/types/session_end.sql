create type latchkey.session_end as (
  session_id uuid,
  user_id uuid,
  ended_at timestamptz,
  reason latchkey.ended_reason,
  initiating_entity latchkey.initiating_entity,
  ip inet,
  user_agent text,
  actor_session_id uuid,
  actor_ip inet
);
comment on type latchkey.session_end is
  'The end of a session, as it is published to the audit trail, the receivers and the connected clients.';
