-- The claims of the user and the session are read at every refresh, so that a change
-- of role or metadata is in the next token. The times are from the database's clock.

create function latchkey.claims(
  token latchkey.refresh_tokens,
  account auth.users,
  settings latchkey.settings,
  issuer text,
  authentication_method text
)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  claims constant jsonb := jsonb_build_object(
    'iss', issuer,
    'sub', account.id,
    'aud', coalesce(nullif(account.aud, ''), 'authenticated'),
    'iat', floor(extract(epoch from now()))::bigint,
    -- Rounded down: an access token never outlives its session.
    'exp', floor(extract(epoch from least(
      now() + make_interval(secs => settings.access_token_seconds),
      token.expires_at, token.idle_expires_at
    )))::bigint,
    'role', coalesce(nullif(account.role, ''), 'authenticated'),
    'email', coalesce(account.email, ''),
    'phone', coalesce(account.phone, ''),
    'app_metadata', coalesce(account.raw_app_meta_data, '{}'),
    'user_metadata', coalesce(account.raw_user_meta_data, '{}'),
    'is_anonymous', account.is_anonymous,
    'aal', token.aal,
    'amr', token.amr,
    'session_id', token.session_id
  );
begin
  if settings.custom_access_token_hook is null then
    return claims;
  end if;
  return latchkey.run_custom_access_token_hook(
    settings.custom_access_token_hook,
    jsonb_build_object(
      'metadata', jsonb_strip_nulls(jsonb_build_object(
        'uuid', gen_random_uuid(),
        'time', now(),
        'name', 'customize-access-token',
        'ip_address', host(token.ip)
      )),
      'user_id', account.id,
      'claims', claims,
      'authentication_method', authentication_method
    )
  );
end
$$;

comment on function latchkey.claims(latchkey.refresh_tokens, auth.users, latchkey.settings, text, text) is
  'The claims of an access token, as Supabase Auth''s, after the project''s hook. authentication_method: how the user signed in, or token_refresh, for the hook. Internal.';
