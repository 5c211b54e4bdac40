-- The same as revoke by id, for supabase-js: rpc('revoke_session', { session_id }).

create function latchkey.revoke_session(session_id uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  return coalesce(
    (latchkey.revoke(
      nullif(auth.jwt() ->> 'session_id', '')::uuid,
      auth.uid(), null, revoke_session.session_id
    )).revoked > 0,
    false
  );
end
$$;

comment on function latchkey.revoke_session(uuid) is
  'Ends a session of the caller: true if it did, false if there was nothing to end (unknown, somebody else''s, over already, or the caller''s own session is over). Security definer: calls revoke, which the API roles may not.';
