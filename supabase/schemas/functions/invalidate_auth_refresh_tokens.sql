-- Two valid refresh tokens for one session would be two ways to steal it. So this
-- invalidates Supabase Auth's refresh tokens. It deletes nothing: Auth still knows
-- the session, and its user can verify a second factor.

create function latchkey.invalidate_auth_refresh_tokens(session_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A refresh token of Auth's version 2 is a counter, signed with a key of the
  -- session. Auth refuses a counter that is ahead of its own. If Auth's own counter
  -- is below zero, every token is ahead, including the one that Auth issues when a
  -- factor is verified. A session of version 1 gets a key too, so that Auth treats it
  -- as version 2 when a factor is verified: in version 1, Auth would need a token
  -- that is still valid. This update comes first, because it waits for a refresh by
  -- Auth that is in progress.
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
      null;  -- This Auth has only version 1.
    when others then
      raise warning 'latchkey: Supabase Auth''s refresh token (version 2) still works: %', sqlerrm;
  end;

  -- Set the revocation in the distant past, because Auth still accepts a token that
  -- was revoked within its reuse interval. That includes tokens that Auth has already
  -- replaced.
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
  'Invalidates Supabase Auth''s own refresh tokens of a session, and keeps the session. Warns if it cannot. Internal.';
