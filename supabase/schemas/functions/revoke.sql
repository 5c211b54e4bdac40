-- A user ends sessions, named by the session that asks. That session must
-- stand: an ended one may not end others.

create function latchkey.revoke(
  caller_session_id uuid,
  user_id uuid,
  scope text,
  session_id uuid,
  actor_ip text default null
)
returns latchkey.revoke_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  state latchkey.session_state_result;
  own uuid[] := array(
    select s.id from auth.sessions s where s.user_id = revoke.user_id
    union
    select t.session_id from latchkey.refresh_tokens t where t.user_id = revoke.user_id
  );
  ended integer := 0;
begin
  -- Of two devices that end each other at once, the second finds itself ended.
  perform latchkey.lock_sessions(own);
  state := latchkey.session_state(caller_session_id, user_id);
  if state.outcome <> 'active' then
    return (state.outcome, state.reason, null)::latchkey.revoke_result;
  end if;
  if caller_session_id is distinct from
      coalesce(revoke.session_id, case scope when 'local' then caller_session_id end)
    and latchkey.is_oauth_client(caller_session_id) then
    return ('oauth_client', null, null)::latchkey.revoke_result;
  end if;

  if revoke.session_id is not null then
    -- Somebody else's and one that never was are answered alike.
    if not revoke.session_id = any (own) then
      return ('forbidden', null, null)::latchkey.revoke_result;
    end if;
    own := array[revoke.session_id];
  elsif scope = 'local' then
    own := array[caller_session_id];
  elsif scope = 'others' then
    own := array_remove(own, caller_session_id);
  elsif scope is distinct from 'global' then
    raise exception 'scope is local, others or global, not %', scope
      using errcode = 'invalid_parameter_value';
  end if;

  -- The other devices first: their reason differs from the caller's own.
  if array_remove(own, caller_session_id) <> '{}' then
    ended := latchkey.end_sessions(
      array_remove(own, caller_session_id), 'user', caller_session_id, actor_ip
    );
  end if;
  if caller_session_id = any (own) then
    ended := ended + latchkey.end_sessions(
      array[caller_session_id], 'signed_out', caller_session_id, actor_ip
    );
  end if;
  return ('done', null, ended)::latchkey.revoke_result;
end
$$;

comment on function latchkey.revoke(uuid, uuid, text, uuid, text) is
  'Ends sessions of the calling user: one by its id, or by scope local, others or global, where scope is as in Supabase Auth''s sign-out. Outcome done, forbidden, oauth_client (which ends no session but its own), or where the caller''s own session stands when it is over. Security definer: reads auth.sessions and writes refresh_tokens.';
