-- The list for `GET /sessions`, from the one place that reads it.

create or replace function latchkey.sessions(caller_session_id uuid, user_id uuid)
returns latchkey.sessions_result
language plpgsql
stable
security definer
set search_path = ''
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
