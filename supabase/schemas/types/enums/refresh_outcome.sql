create type latchkey.refresh_outcome as enum (
  'rotated',
  'repeated',
  'reused',
  'revoked',
  'expired',
  'unknown'
);
comment on type latchkey.refresh_outcome is
  'The outcome of a refresh. repeated: the token was replaced within the reuse interval; reused: it was replaced earlier, and the session has just been revoked; unknown: there is no such token.';
