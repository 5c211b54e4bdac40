create type latchkey.notice_outcome as enum (
  'delivered',
  'refused',
  'gone',
  'failed',
  'given_up'
);
comment on type latchkey.notice_outcome is
  'The outcome of sending a notice. refused: permanently, by the receiver; gone: the receiver wants no more notices; failed: it is sent again; given_up: after three days.';
