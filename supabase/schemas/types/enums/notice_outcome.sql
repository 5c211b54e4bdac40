create type latchkey.notice_outcome as enum (
  'delivered',
  'refused',
  'failed',
  'given_up'
);
comment on type latchkey.notice_outcome is
  'What came of sending a notice. refused: for good, by the receiver; failed: it is sent again; given_up: after three days.';
