create type latchkey.ended_reason as enum (
  'signed_out',
  'user',
  'admin',
  'reuse',
  'password_changed',
  'banned',
  'user_deleted',
  'session_limit',
  'suspicious',
  'expired',
  'idle',
  'absolute',
  'aal1'
);
comment on type latchkey.ended_reason is
  'Why a session is not active: a revoked_reason, or expired, or the setting by which it expired: idle (idle_timeout), absolute (absolute_timeout) or aal1 (aal1_timeout).';
