create function latchkey.issue_tokens(
  token latchkey.refresh_tokens,
  account auth.users,
  settings latchkey.settings,
  issuer text,
  authentication_method text
)
returns latchkey.issued_tokens
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  claims constant jsonb :=
    latchkey.claims(token, account, settings, issuer, authentication_method);
begin
  return (
    token.generation, latchkey.access_token_seconds(claims), claims,
    latchkey.user_data(account)
  )::latchkey.issued_tokens;
end
$$;

comment on function latchkey.issue_tokens(latchkey.refresh_tokens, auth.users, latchkey.settings, text, text) is
  'The data from which both tokens of a session are issued. Internal.';
