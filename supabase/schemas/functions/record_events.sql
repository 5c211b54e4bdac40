-- The one place where events are published: it writes them to the audit trail, and
-- queues for each receiver those that it gets. The caller's own work matters more, so
-- each of the two may fail alone, with a warning in the database's log.

create function latchkey.record_events(events latchkey.event_record[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  begin
    insert into latchkey.session_events
      (created_at, event, session_id, user_id, reason, initiating_entity, ip,
       user_agent, client, country, previous_client, previous_country, actor_session_id,
       actor_ip)
    select e.created_at, e.event, e.session_id, e.user_id, e.reason, e.initiating_entity,
      e.ip, e.user_agent, e.client, e.country, e.previous_client, e.previous_country,
      e.actor_session_id, e.actor_ip
    from unnest(record_events.events) e;
  exception when others then
    raise warning 'latchkey: events of sessions were not written: %', sqlerrm;
  end;

  begin
    -- Most projects have no receivers, and planning the query costs every sign-in.
    if exists (select from latchkey.receivers r where r.enabled) then
      insert into latchkey.outbox (receiver_id, payload)
      select r.id, jsonb_build_object(
          'type', type,
          'timestamp', to_char(e.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
          'data', jsonb_strip_nulls(to_jsonb(e) - '{created_at,event}'::text[])
        )
      from latchkey.receivers r
      cross join unnest(record_events.events) e
      -- A reuse is an alarm, and it is also the end of the session.
      cross join lateral unnest(case e.event
        when 'session_created' then '{session.created}'
        when 'session_expired' then '{session.expired}'
        when 'authn_token_revoked' then '{session.revoked}'
        when 'session_client_changed' then '{session.client_changed}'
        when 'authn_token_reuse' then '{session.revoked,session.reuse_detected}'
      end::text[]) type
      where r.enabled and type = any (r.events);
    end if;
  exception when others then
    raise warning 'latchkey: receivers are not told of events of sessions: %', sqlerrm;
  end;
end
$$;

comment on function latchkey.record_events(latchkey.event_record[]) is
  'Writes events to the audit trail and queues them for the receivers. Internal.';
