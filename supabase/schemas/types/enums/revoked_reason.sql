create type latchkey.revoked_reason as enum (
  'signed_out',
  'user',
  'admin',
  'reuse',
  'password_changed',
  'banned',
  'user_deleted',
  'session_limit',
  'suspicious'
);
comment on type latchkey.revoked_reason is
  'Why a session was revoked. user: from another device of the user; reuse: a replaced refresh token was used again; session_limit: the user had too many sessions; suspicious: another client used it (settings.on_client_change), or its user disavowed it.';
