create type latchkey.refresh_outcome as enum (
  'rotated',
  'repeated',
  'reused',
  'revoked',
  'expired',
  'unknown'
);
comment on type latchkey.refresh_outcome is
  'What came of a refresh. repeated: the token was replaced within the reuse interval; reused: it was replaced before that, and the session has just been revoked; unknown: no such token.';
