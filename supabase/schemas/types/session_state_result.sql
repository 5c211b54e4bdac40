create type latchkey.session_state_result as (
  outcome text,
  reason text
);
comment on type latchkey.session_state_result is
  'The state of a session: active, revoked (with its reason) or expired (idle or absolute).';
