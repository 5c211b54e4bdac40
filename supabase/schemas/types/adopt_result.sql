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
  'What adopt returns. created and repeated come with what the tokens are issued from; refused, revoked and expired come with a reason. database_time: see clock().';
