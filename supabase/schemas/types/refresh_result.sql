create type latchkey.refresh_result as (
  outcome latchkey.refresh_outcome,
  reason latchkey.ended_reason,
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb,
  database_time timestamptz
);
comment on type latchkey.refresh_result is
  'What refresh returns. rotated and repeated come with what the tokens are issued from; revoked and expired come with a reason. database_time: see clock().';
