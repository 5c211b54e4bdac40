-- Ends sessions for a user. The calling session must be active: an ended session may
-- not end others.

create function latchkey.revoke(
  caller_session_id uuid,
  user_id uuid,
  authenticated_at bigint,
  scope latchkey.revoke_scope,
  session_id uuid,
  actor_ip text,
  deadline timestamptz default null
)
returns latchkey.revoke_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set statement_timeout = '3s'
as $$
#variable_conflict use_column
declare
  result latchkey.revoke_result;
begin
  perform latchkey.check_deadline(deadline);

  <<decision>>
  declare
    -- The most sessions that one call ends. So many end well within the caller's
    -- deadline.
    most constant integer := 1000;
    only_itself constant boolean :=
      coalesce(revoke.session_id = caller_session_id, scope = 'local', false);
    max_age constant interval := (select s.revoke_max_age from latchkey.settings s);
    targets uuid[];
    state latchkey.session_state_result;
  begin
    if scope is null and revoke.session_id is null then
      raise exception 'revoke needs a scope or a session_id'
        using errcode = 'invalid_parameter_value';
    end if;
    -- Checked before any lookup, so that the id of another user's session, an unknown
    -- id and the id of the caller's own session get the same answer.
    if not only_itself
      and extract(epoch from now()) - coalesce(authenticated_at, 0) > extract(epoch from max_age) then
      result.outcome := 'reauthentication_required';
      result.max_age_seconds := extract(epoch from max_age);
      exit decision;
    end if;

    targets := case
      when revoke.session_id is not null then array[revoke.session_id]
      when only_itself then array[caller_session_id]
      else latchkey.sessions_of_user(user_id, caller_session_id, most)
    end;
    -- If two devices end each other at the same time, the second one finds that its
    -- own session has ended.
    perform latchkey.lock_sessions(targets || caller_session_id);
    state := latchkey.session_state(caller_session_id, user_id);
    if state.outcome <> 'active' then
      result.outcome := state.outcome::text;
      result.reason := state.reason;
      exit decision;
    end if;
    if not only_itself and latchkey.is_oauth_client(caller_session_id) then
      result.outcome := 'oauth_client';
      exit decision;
    end if;
    -- Another user's session and one that does not exist get the same answer.
    if revoke.session_id is not null
      and not exists (
        select from auth.sessions s
        where s.id = revoke.session_id and s.user_id = revoke.user_id
      )
      and not exists (
        select from latchkey.refresh_tokens t
        where t.session_id = revoke.session_id and t.user_id = revoke.user_id
      ) then
      result.outcome := 'forbidden';
      exit decision;
    end if;

    result.outcome := 'done';
    result.revoked := latchkey.end_sessions(
      targets, case when only_itself then 'signed_out' else 'user' end::latchkey.revoked_reason,
      'user', caller_session_id, actor_ip
    );
    result.more := cardinality(targets) = most;
    -- The calling session ends last, because it has to be active while others are
    -- left.
    if scope = 'global' and revoke.session_id is null and not result.more then
      result.revoked := result.revoked + latchkey.end_sessions(
        array[caller_session_id], 'signed_out', 'user', caller_session_id, actor_ip
      );
    end if;
  end;

  result.database_time := latchkey.check_deadline(deadline);
  return result;
end
$$;

comment on function latchkey.revoke(uuid, uuid, bigint, latchkey.revoke_scope, uuid, text, timestamptz) is
  'Ends sessions of the calling user: one by its id, or by scope local, others or global, as in Supabase Auth''s sign-out. authenticated_at: the newest timestamp of the access token''s claim amr. At most 1,000 at a time: call again while more is true. Security definer: reads auth.sessions and writes refresh_tokens.';
