create type latchkey.login_result as (
  outcome latchkey.login_outcome,
  reason latchkey.ended_reason,
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb,
  database_time timestamptz
);
comment on type latchkey.login_result is
  'What login returns. created comes with what the tokens are issued from; refused comes with its reason. database_time: see clock().';
