-- As it was, and besides: the event says who ended the session (end_sessions
-- notes it for the transaction), and other services get their notice.

create or replace function latchkey.session_ended()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  reason constant text := case
    when tg_op = 'UPDATE' then new.revoked_reason
    when now() >= least(old.expires_at, old.idle_expires_at) then 'expired'
    when not exists (select from auth.users u where u.id = old.user_id) then 'user_deleted'
    else 'admin'
  end;
  -- CAEP's initiating_entity. An administrator may give any reason, and stays one.
  initiator constant text := case
    when current_setting('latchkey.by_admin', true) = 'true' then 'admin'
    when reason in ('signed_out', 'user', 'password_changed') then 'user'
    when reason in ('reuse', 'session_limit', 'expired') then 'policy'
    else 'admin'
  end;
  payload constant jsonb := jsonb_build_object(
    'session_id', old.session_id,
    'user_id', old.user_id,
    'reason', reason,
    'initiating_entity', initiator,
    'event_timestamp', round(extract(epoch from clock_timestamp()), 3)
  );
begin
  begin
    delete from auth.sessions s where s.id = old.session_id;
  exception when others then
    raise warning 'latchkey: the auth.sessions row of an ended session stays: %', sqlerrm;
  end;

  begin
    insert into latchkey.session_events
      (created_at, event, session_id, user_id, reason, initiating_entity, ip,
       user_agent, actor_session_id, actor_ip)
    values (
      -- It is noticed late, when the row is pruned.
      case reason
        when 'expired' then least(old.expires_at, old.idle_expires_at)
        else now()
      end,
      case reason
        when 'reuse' then 'authn_token_reuse'
        when 'expired' then 'session_expired'
        else 'authn_token_revoked'
      end,
      old.session_id, old.user_id, reason, initiator, old.ip, old.user_agent,
      nullif(current_setting('latchkey.actor_session_id', true), '')::uuid,
      nullif(current_setting('latchkey.actor_ip', true), '')::inet
    );
  exception when others then
    raise warning 'latchkey: the event of an ended session was not written: %', sqlerrm;
  end;

  if reason = 'expired' then
    return null;  -- It ended by itself, before now; there is no news to send.
  end if;
  begin
    insert into latchkey.outbox
      (receiver_id, session_id, user_id, reason, initiating_entity)
    select r.id, old.session_id, old.user_id, reason, initiator
    from latchkey.receivers r
    where r.enabled;
  exception when others then
    raise warning 'latchkey: other services are not told of the end of a session: %', sqlerrm;
  end;
  begin
    perform realtime.send(payload, 'session-revoked', 'session:' || old.session_id, true);
    perform realtime.send(payload, 'session-revoked', 'user:' || old.user_id, true);
  exception when others then
    raise warning 'latchkey: the end of a session was not broadcast: %', sqlerrm;
  end;

  return null;
end
$$;
