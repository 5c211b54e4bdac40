create type latchkey.adopt_result as (
  outcome text,
  reason text,
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb,
  adoption_nonce bytea
);
comment on type latchkey.adopt_result is
  'What adopt returns. outcome: created and repeated come with the rest filled; managed, oauth_client, banned, refused, revoked and expired come with at most a reason.';
