-- Everything that happens when sessions end, once for all sessions that end together:
-- it deletes Supabase Auth's rows, so that Auth's own endpoints refuse the tokens
-- too, writes the end to the audit trail, and informs receivers and clients.
--
-- It also runs inside Auth's own transactions, and ending the session matters more
-- than reporting it. So each step may fail alone, with a warning in the database's
-- log. That takes one subtransaction for each step, not for each session.

create function latchkey.publish_session_ends(ends latchkey.session_end[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  begin
    delete from auth.sessions s
    where s.id = any (array(select e.session_id from unnest(ends) e));
  exception when others then
    raise warning 'latchkey: the auth.sessions rows of ended sessions remain: %', sqlerrm;
  end;

  begin
    insert into latchkey.session_events
      (created_at, event, session_id, user_id, reason, initiating_entity, ip,
       user_agent, actor_session_id, actor_ip)
    select e.ended_at,
      case e.reason
        when 'reuse' then 'authn_token_reuse'
        when 'expired' then 'session_expired'
        else 'authn_token_revoked'
      end::latchkey.session_event,
      e.session_id, e.user_id, e.reason, e.initiating_entity, e.ip, e.user_agent,
      e.actor_session_id, e.actor_ip
    from unnest(ends) e;
  exception when others then
    raise warning 'latchkey: the events of ended sessions were not written: %', sqlerrm;
  end;

  -- An expired session ended earlier without an action, so nothing is sent.
  begin
    insert into latchkey.outbox
      (receiver_id, session_id, user_id, reason, initiating_entity)
    select r.id, e.session_id, e.user_id, e.reason::text::latchkey.revoked_reason,
      e.initiating_entity
    from latchkey.receivers r
    cross join unnest(ends) e
    where r.enabled and e.reason <> 'expired';
  exception when others then
    raise warning 'latchkey: receivers are not told of ended sessions: %', sqlerrm;
  end;

  begin
    perform realtime.send(message.payload, 'session-revoked', channel.topic, true)
    from (
      select e.session_id, e.user_id, jsonb_build_object(
          'session_id', e.session_id,
          'user_id', e.user_id,
          'reason', e.reason,
          'initiating_entity', e.initiating_entity,
          'event_timestamp', round(extract(epoch from clock_timestamp()), 3)
        ) as payload
      from unnest(ends) e
      where e.reason <> 'expired'
    ) message
    cross join lateral (values
      ('session:' || message.session_id), ('user:' || message.user_id)
    ) channel (topic);
  exception when others then
    raise warning 'latchkey: the end of sessions was not broadcast: %', sqlerrm;
  end;
end
$$;

comment on function latchkey.publish_session_ends(latchkey.session_end[]) is
  'Publishes the end of sessions: deletes Supabase Auth''s rows, writes the events, and informs receivers and clients. Internal.';
