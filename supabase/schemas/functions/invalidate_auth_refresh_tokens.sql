-- Two refresh tokens for one session would be two ways to steal it. Supabase Auth's
-- are made worthless, and nothing is deleted: Auth still knows the session, and its
-- user can verify a second factor.

create function latchkey.invalidate_auth_refresh_tokens(session_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Tokens of Auth's version 2 are a counter signed with a key of the session, and
  -- Auth refuses a counter that is ahead of its own; below zero every counter is,
  -- also the one that it issues when a factor is verified. A session of version 1
  -- gets a key, so that Auth takes it for one of version 2 there: for version 1 it
  -- would need a token that is still valid. First, because it waits for a refresh of
  -- Auth's that is under way.
  begin
    update auth.sessions s
    set refresh_token_hmac_key = coalesce(s.refresh_token_hmac_key, translate(
          rtrim(encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid(), 'UTF8')), 'base64'), '='),
          '+/', '-_'
        )),
        refresh_token_counter = -(2::bigint ^ 62)::bigint
    where s.id = invalidate_auth_refresh_tokens.session_id;
  exception
    when undefined_column then
      null;  -- An Auth that has version 1 only.
    when others then
      raise warning 'latchkey: Supabase Auth''s refresh token (version 2) still works: %', sqlerrm;
  end;

  -- Revoked long ago: within Auth's reuse interval it would still be accepted. Those
  -- that Auth has replaced already are no different.
  begin
    update auth.refresh_tokens t
    set revoked = true, updated_at = 'epoch'
    where t.session_id = invalidate_auth_refresh_tokens.session_id;
  exception when others then
    raise warning 'latchkey: Supabase Auth''s refresh token (version 1) still works: %', sqlerrm;
  end;
end
$$;

comment on function latchkey.invalidate_auth_refresh_tokens(uuid) is
  'Makes Supabase Auth''s own refresh tokens of a session worthless, and keeps the session. Warns where it may not. Internal.';
