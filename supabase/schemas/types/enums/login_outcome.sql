create type latchkey.login_outcome as enum (
  'created',
  'banned',
  'refused',
  'unknown'
);
comment on type latchkey.login_outcome is
  'The outcome of a login. refused: by the session limit; unknown: Supabase Auth no longer has the session or the user.';
