create type latchkey.session_event as enum (
  'session_created',
  'session_expired',
  'authn_token_revoked',
  'authn_token_reuse',
  'authn_proof_refused',
  'session_client_changed',
  'session_disavowed',
  'new_device'
);
comment on type latchkey.session_event is
  'What the audit trail records, in the words of the OWASP logging vocabulary. authn_proof_refused: somebody sent the refresh token of a bound session without a proof by its key; session_client_changed: a session was refreshed from another client; session_disavowed: its user says that somebody else started it; new_device: a session started on a device on which its user had not signed in before.';
