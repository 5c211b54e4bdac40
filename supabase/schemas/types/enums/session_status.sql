create type latchkey.session_status as enum (
  'active',
  'revoked',
  'expired'
);
comment on type latchkey.session_status is
  'The state of a session.';
