create function latchkey.sessions(caller_session_id uuid, user_id uuid)
returns latchkey.sessions_result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  state constant latchkey.session_state_result :=
    latchkey.session_state(caller_session_id, user_id);
begin
  return (
    state.outcome, state.reason,
    case when state.outcome = 'active' then
      latchkey.session_list(user_id, caller_session_id)
    end
  )::latchkey.sessions_result;
end
$$;

comment on function latchkey.sessions(uuid, uuid) is
  'The active sessions of a user for GET /sessions, the last used first, at most 1000, if the calling session is active. Security definer: reads refresh_tokens.';
