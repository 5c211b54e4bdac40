-- The one place where every way out meets: revoked_at becomes not null, or a
-- row that still stood is deleted. Writes the event, deletes the row in
-- auth.sessions so that Supabase Auth's own endpoints refuse the token too,
-- and tells the connected clients.
--
-- It also runs inside Auth's own transactions (a deleted user takes the rows
-- along), and the end of the session counts for more than the news of it: so
-- each effect may fail alone, with a warning in the database's log.

create function latchkey.session_ended()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
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

comment on function latchkey.session_ended() is
  'Trigger: what follows when a session ends for good. Security definer: deletes from auth.sessions and sends on Realtime, whoever ended the session.';

create trigger session_revoked
  after update of revoked_at on latchkey.refresh_tokens
  for each row
  when (old.revoked_at is null and new.revoked_at is not null)
  execute function latchkey.session_ended();
comment on trigger session_revoked on latchkey.refresh_tokens is
  'A session was revoked.';

create trigger session_deleted
  after delete on latchkey.refresh_tokens
  for each row
  when (old.revoked_at is null)
  execute function latchkey.session_ended();
comment on trigger session_deleted on latchkey.refresh_tokens is
  'The row of a session that was not revoked was deleted.';
