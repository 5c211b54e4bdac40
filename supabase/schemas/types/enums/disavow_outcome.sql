create type latchkey.disavow_outcome as enum (
  'done',
  'used',
  'unknown'
);
comment on type latchkey.disavow_outcome is
  'The outcome of disavowing a session. used: the token was used before; unknown: the session''s row does not exist any more.';
