-- The live check for the whole Data API, with no policy changed:
--
--   alter role authenticator set pgrst.db_pre_request = 'latchkey.check_request';
--   notify pgrst, 'reload config';
--
-- It runs before every request, so it only looks up the row that Latchkey has, by
-- primary key. For other sessions session_active() reads Supabase Auth's tables.

create function latchkey.check_request()
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  caller constant uuid := latchkey.caller_session_id();
  token latchkey.refresh_tokens;
begin
  if caller is not null then
    select t.* into token from latchkey.refresh_tokens t where t.session_id = caller;
    if found
      and latchkey.is_active(token.revoked_at, token.expires_at, token.idle_expires_at)
      and not latchkey.aal1_expired(token) then
      return;
    end if;
  end if;

  if token.session_id is not null then
    perform latchkey.unauthorized(
      'token_revoked', 'invalid_token', 'The session was ended. Sign in again.',
      coalesce(token.revoked_reason::text, 'expired'), ''
    );
  elsif auth.jwt() ->> 'role' not in ('anon', 'service_role')
    and (select s.strict from latchkey.settings s) then
    -- Not token_revoked: nothing has ended, and a client that signs out and in
    -- again the same way would get the same answer.
    perform latchkey.unauthorized(
      'invalid_jwt_claims', 'invalid_token',
      'The claim session_id of the access token names no session that Latchkey manages. Sign in at /login.',
      null, ''
    );
  end if;
end
$$;

comment on function latchkey.check_request() is
  'For PostgREST''s db_pre_request: answers 401 token_revoked, with the reason as details, to a session that Latchkey manages and that is not active; with the setting strict also 401 invalid_jwt_claims to one that it does not manage. Security definer: reads refresh_tokens and settings, which its callers may not.';
