create type latchkey.refresh_result as (
  outcome latchkey.refresh_outcome,
  reason latchkey.ended_reason,
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb,
  client_changed boolean,
  database_time timestamptz
);
comment on type latchkey.refresh_result is
  'The result of refresh. rotated and repeated include the data to issue the tokens; nonce_required includes the generation; revoked and expired include a reason. client_changed: the refresh came from another client than the last one, and an event was written. database_time: see clock().';
