create type latchkey.revoke_scope as enum (
  'local',
  'others',
  'global'
);
comment on type latchkey.revoke_scope is
  'Which sessions of a user to end, relative to the calling one, as in Supabase Auth''s sign-out.';
