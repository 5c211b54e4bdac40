create type latchkey.refresh_outcome as enum (
  'rotated',
  'repeated',
  'reused',
  'proof_required',
  'nonce_required',
  'replayed',
  'revoked',
  'expired',
  'unknown'
);
comment on type latchkey.refresh_outcome is
  'The outcome of a refresh. repeated: the token was replaced within the reuse interval, or the session''s key proved that its holder never got the new one; reused: it was replaced earlier, and the session has just been revoked; proof_required: the session is bound to a key and the request has no proof by it; nonce_required: the token is too old, which counts as reuse only with a proof made for this answer''s nonce; replayed: the proof was used before; unknown: there is no such token.';
