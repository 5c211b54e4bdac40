create type latchkey.sessions_result as (
  outcome text,
  reason text,
  sessions jsonb
);
comment on type latchkey.sessions_result is
  'What sessions returns. outcome: active with the list, or the state of a caller whose own session is not active.';
