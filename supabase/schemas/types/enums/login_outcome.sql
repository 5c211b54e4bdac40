create type latchkey.login_outcome as enum (
  'created',
  'banned',
  'refused',
  'unknown'
);
comment on type latchkey.login_outcome is
  'What came of a login. refused: the session limit; unknown: Supabase Auth has no such session or user any more.';
