create type latchkey.revoke_outcome as enum (
  'done',
  'forbidden',
  'oauth_client',
  'reauthentication_required',
  'revoked',
  'expired'
);
comment on type latchkey.revoke_outcome is
  'The outcome of a revocation by a user. forbidden: the user has no such session; oauth_client: an OAuth client may end only its own session; reauthentication_required: the sign-in is longer ago than settings.revoke_max_age; revoked, expired: the calling session is not active.';
