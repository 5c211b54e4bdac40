create type latchkey.adopt_outcome as enum (
  'created',
  'repeated',
  'managed',
  'oauth_client',
  'banned',
  'refused',
  'proof_required',
  'replayed',
  'revoked',
  'expired'
);
comment on type latchkey.adopt_outcome is
  'The outcome of an adoption. repeated: the session was adopted before; managed: Latchkey manages the session and this request may not take it over; oauth_client: it is the session of an OAuth client; refused: the session limit; proof_required: settings.require_proof, and the request has no proof; replayed: the proof was used before.';
