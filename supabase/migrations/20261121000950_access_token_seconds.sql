-- An access token never outlives its session.

create function latchkey.access_token_seconds(
  token latchkey.refresh_tokens,
  settings latchkey.settings
)
returns integer
language plpgsql
stable
set search_path = ''
as $$
begin
  return least(
    settings.access_token_seconds,
    ceil(extract(epoch from least(token.expires_at, token.idle_expires_at) - now()))
  );
end
$$;

comment on function latchkey.access_token_seconds(latchkey.refresh_tokens, latchkey.settings) is
  'For how many seconds the next access token of a session is good: the setting, or what is left of the session.';
