create type latchkey.adopt_result as (
  outcome latchkey.adopt_outcome,
  reason latchkey.ended_reason,
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb,
  adoption_nonce bytea,
  database_time timestamptz
);
comment on type latchkey.adopt_result is
  'The result of adopt. created and repeated include the data to issue the tokens; refused, revoked and expired include a reason. database_time: see clock().';
