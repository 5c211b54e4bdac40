-- revoke() by session id, for supabase-js: rpc('revoke_session', { session_id }).
--
-- The parameter is text and is parsed here, because the Data API and PostgreSQL's log
-- would quote a value that is not a UUID, and that value may be a token. The Data API
-- has verified the access token, so its claim amr can be trusted here. If a recent
-- sign-in is missing, the function raises an error: a boolean cannot express that
-- answer, and nothing was written.

create function latchkey.revoke_session(session_id text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant uuid := latchkey.parse_uuid(revoke_session.session_id);
  result latchkey.revoke_result;
begin
  if target is null then
    return false;
  end if;
  result := latchkey.revoke(
    latchkey.caller_session_id(),
    latchkey.parse_uuid(auth.jwt() ->> 'sub'),
    (
      -- A claim may have any number as its value.
      select least(floor(coalesce(max(t::numeric), 0)), extract(epoch from now()))
      from jsonb_path_query(auth.jwt(), 'lax $.amr[*].timestamp ? (@.type() == "number")') t
    )::bigint,
    null, target, null
  );
  if result.outcome = 'reauthentication_required' then
    perform latchkey.unauthorized(
      'reauthentication_required', 'insufficient_user_authentication',
      'The last sign-in was too long ago. Sign in again, then retry.',
      null, format(', max_age="%s"', result.max_age_seconds)
    );
  end if;
  return coalesce(result.revoked > 0, false);
end
$$;

comment on function latchkey.revoke_session(text) is
  'Ends a session of the caller: true if it did, false if there was nothing to end (not a UUID, unknown, another user''s, not active, or the caller''s own session is not active). Answers 401 reauthentication_required where the setting revoke_max_age requires a more recent sign-in. Security definer: calls revoke, which the API roles may not.';
