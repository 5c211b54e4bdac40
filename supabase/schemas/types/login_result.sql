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
  'The result of login. created includes the data to issue the tokens; refused includes its reason. database_time: see clock().';
