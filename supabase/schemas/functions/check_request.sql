-- The live check for the whole Data API, with no policy changed:
--
--   alter role authenticator set pgrst.db_pre_request = 'latchkey.check_request';
--   notify pgrst, 'reload config';
--
-- It runs before every request, so it looks once, by primary key, at what
-- Latchkey itself knows. What it does not manage is not its business: there
-- session_active() asks Supabase Auth's tables.

create function latchkey.check_request()
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  caller constant uuid := latchkey.caller_session_id();
  reason text;
begin
  if caller is not null then
    select case
        when t.revoked_at is not null then t.revoked_reason
        when now() >= least(t.expires_at, t.idle_expires_at) then 'expired'
      end
    into reason
    from latchkey.refresh_tokens t
    where t.session_id = caller;
    if found and reason is null then
      return;
    end if;
  end if;

  if reason is not null then
    perform latchkey.unauthorized(
      'token_revoked', 'invalid_token', 'The session was ended: sign in again.', reason, ''
    );
  elsif auth.jwt() ->> 'role' not in ('anon', 'service_role')
    and (select s.strict from latchkey.settings s) then
    -- Not token_revoked: nothing has ended, and a client that signs out and in
    -- again the same way would be where it was.
    perform latchkey.unauthorized(
      'invalid_jwt_claims', 'invalid_token',
      'The claim session_id of the access token names no session that Latchkey manages: sign in at /login.',
      null, ''
    );
  end if;
end
$$;

comment on function latchkey.check_request() is
  'For PostgREST''s db_pre_request: answers 401 token_revoked, with the reason as details, to a session that Latchkey manages and that is over; with the setting strict also 401 invalid_jwt_claims to one that it does not manage. Security definer: reads refresh_tokens and settings, which its callers may not.';
