create type latchkey.session_event as enum (
  'session_created',
  'session_expired',
  'authn_token_revoked',
  'authn_token_reuse'
);
comment on type latchkey.session_event is
  'What the audit trail records, in the words of the OWASP logging vocabulary.';
