-- The list of devices, for `GET /sessions`. The view of the same name is for
-- supabase-js; this is for functions, which call as no user.

create type latchkey.sessions_result as (
  outcome text,
  reason text,
  sessions jsonb
);
comment on type latchkey.sessions_result is
  'What sessions answers. outcome: active with the list, or where the caller''s own session stands when it is over.';

create function latchkey.sessions(caller_session_id uuid, user_id uuid)
returns latchkey.sessions_result
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  state constant latchkey.session_state_result :=
    latchkey.session_state(caller_session_id, user_id);
  list jsonb;
begin
  if state.outcome = 'active' then
    select coalesce(
        jsonb_agg(to_jsonb(s) order by s.last_used_at desc, s.session_id), '[]'
      )
    into list
    from (
      select t.session_id, t.created_at, t.rotated_at as last_used_at,
        least(t.expires_at, t.idle_expires_at) as expires_at,
        t.user_agent, host(t.ip) as ip, t.device_name,
        t.session_id = caller_session_id as current
      from latchkey.refresh_tokens t
      where t.user_id = sessions.user_id
        and t.revoked_at is null
        and now() < t.expires_at
        and now() < t.idle_expires_at
      order by t.rotated_at desc, t.session_id
      limit 1000
    ) s;
  end if;
  return (state.outcome, state.reason, list)::latchkey.sessions_result;
end
$$;

comment on function latchkey.sessions(uuid, uuid) is
  'A user''s sessions that stand, the last used first, at most 1000, for one of them that asks. Security definer: reads refresh_tokens.';
