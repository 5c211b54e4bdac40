create type latchkey.session_state_result as (
  outcome latchkey.session_status,
  reason latchkey.ended_reason
);
comment on type latchkey.session_state_result is
  'The state of a session: active, revoked (with its reason) or expired (idle, absolute or aal1).';
