create type latchkey.sessions_result as (
  outcome latchkey.session_status,
  reason latchkey.ended_reason,
  sessions jsonb
);
comment on type latchkey.sessions_result is
  'The result of sessions: active with the list, or the state of the calling session if it is not active.';
