create type latchkey.adopt_outcome as enum (
  'created',
  'repeated',
  'managed',
  'oauth_client',
  'banned',
  'refused',
  'revoked',
  'expired'
);
comment on type latchkey.adopt_outcome is
  'The outcome of an adoption. repeated: the session was adopted before; managed: Latchkey manages the session and this access token may not take it over; oauth_client: it is the session of an OAuth client; refused: the session limit.';
