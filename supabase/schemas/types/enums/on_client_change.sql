create type latchkey.on_client_change as enum (
  'ignore',
  'record',
  'step_up',
  'end'
);
comment on type latchkey.on_client_change is
  'What a change of client causes. ignore: nothing; record: an event; step_up: an event, and the session has aal1 until its user verifies a factor again; end: an event, and the session ends with reason suspicious.';
