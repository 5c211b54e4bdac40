-- Everything that happens when sessions end, once for all sessions that end together:
-- it deletes Supabase Auth's rows, so that Auth's own endpoints refuse the tokens
-- too, records the ends, and informs the connected clients.
--
-- It also runs inside Auth's own transactions, and ending the session matters more
-- than reporting it. So each step may fail alone, with a warning in the database's
-- log. That takes one subtransaction for each step, not for each session.

create function latchkey.publish_session_ends(ends latchkey.event_record[])
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

  perform latchkey.record_events(ends);

  -- An expired session ended earlier without an action, so nothing is broadcast.
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
      where e.event <> 'session_expired'
    ) message
    cross join lateral (values
      ('session:' || message.session_id), ('user:' || message.user_id)
    ) channel (topic);
  exception when others then
    raise warning 'latchkey: the end of sessions was not broadcast: %', sqlerrm;
  end;
end
$$;

comment on function latchkey.publish_session_ends(latchkey.event_record[]) is
  'Publishes the end of sessions: deletes Supabase Auth''s rows, records the events, and informs the connected clients. Internal.';
