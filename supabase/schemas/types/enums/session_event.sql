create type latchkey.session_event as enum (
  'session_created',
  'session_expired',
  'authn_token_revoked',
  'authn_token_reuse',
  'authn_proof_refused'
);
comment on type latchkey.session_event is
  'What the audit trail records, in the words of the OWASP logging vocabulary. authn_proof_refused: somebody sent the refresh token of a bound session without a proof by its key.';
