-- revoke() by id for supabase-js: rpc('revoke_session', { session_id }).
--
-- The Data API has verified the token, so its amr claim can be trusted here. The
-- recency rule is checked before anything is looked up, so that another user's id,
-- an unknown one and the caller's own get the same answer; it raises, because the
-- boolean has no room for it and nothing was written.

create function latchkey.revoke_session(session_id uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  caller constant uuid := latchkey.caller_session_id();
  max_age constant integer := latchkey.revoke_max_age_seconds();
  authenticated_at constant numeric := (
    select max(case jsonb_typeof(t) when 'number' then t::numeric end)
    from jsonb_path_query(auth.jwt(), 'lax $.amr[*].timestamp') t
  );
begin
  if max_age is not null
    and revoke_session.session_id is distinct from caller
    and extract(epoch from now()) - coalesce(authenticated_at, 0) > max_age then
    perform latchkey.unauthorized(
      'reauthentication_required', 'insufficient_user_authentication',
      'The sign-in is too long ago for this: sign in again, then retry.',
      null, format(', max_age="%s"', max_age)
    );
  end if;
  if revoke_session.session_id is null then
    return false;
  end if;
  return coalesce(
    (latchkey.revoke(caller, auth.uid(), null, revoke_session.session_id)).revoked > 0,
    false
  );
end
$$;

comment on function latchkey.revoke_session(uuid) is
  'Ends a session of the caller: true if it did, false if there was nothing to end (unknown, somebody else''s, over already, or the caller''s own session is over). Answers 401 reauthentication_required where the setting revoke_max_age asks for a more recent sign-in. Security definer: calls revoke, which the API roles may not.';
