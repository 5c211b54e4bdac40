-- The live check for the whole Data API, without a change to any policy:
--
--   alter role authenticator set pgrst.db_pre_request = 'latchkey.check_request';
--   notify pgrst, 'reload config';
--
-- It runs before every request, so it only looks up Latchkey's row by primary key.
-- Unlike session_active(), it does not read Supabase Auth's tables for other
-- sessions.

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
  aal1_timeout interval;
begin
  if caller is not null then
    select t.* into token from latchkey.refresh_tokens t where t.session_id = caller;
    select s.aal1_timeout into aal1_timeout from latchkey.settings s;
    if now() < token.active_until
      and (aal1_timeout is null or not latchkey.aal1_expired(token)) then
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
    -- Not token_revoked, because the session has not ended. A client that signs out
    -- and signs in again in the same way would get the same answer.
    perform latchkey.unauthorized(
      'invalid_jwt_claims', 'invalid_token',
      'The claim session_id of the access token names no session that Latchkey manages. Sign in at /login.',
      null, ''
    );
  end if;
end
$$;

comment on function latchkey.check_request() is
  'For PostgREST''s db_pre_request: answers 401 token_revoked, with the reason as details, if Latchkey manages the session and it is not active. With the setting strict, also answers 401 invalid_jwt_claims if Latchkey does not manage the session. Security definer: reads refresh_tokens and settings, which its callers may not.';
