create type latchkey.session_result as (
  outcome text,
  reason text,
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb
);
comment on type latchkey.session_result is
  'What login and refresh return. outcome: created, rotated and repeated come with the rest filled; reused, revoked, expired, unknown, banned and refused come with at most a reason.';
