create type latchkey.sessions_result as (
  outcome latchkey.session_status,
  reason latchkey.ended_reason,
  sessions jsonb
);
comment on type latchkey.sessions_result is
  'What sessions returns: active with the list, or the state of a calling session that is not active.';
