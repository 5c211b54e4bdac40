create type latchkey.login_outcome as enum (
  'created',
  'banned',
  'refused',
  'proof_required',
  'replayed',
  'unknown'
);
comment on type latchkey.login_outcome is
  'The outcome of a login. refused: by the session limit; proof_required: settings.require_proof, and the request has no proof; replayed: the proof was used before; unknown: Supabase Auth no longer has the session or the user.';
