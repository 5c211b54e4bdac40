create type latchkey.issued_tokens as (
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb
);
comment on type latchkey.issued_tokens is
  'What the functions need to issue both tokens of a session. Part of login_result, adopt_result and refresh_result.';
