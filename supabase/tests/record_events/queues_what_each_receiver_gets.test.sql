begin;
select plan(16);
delete from latchkey.receivers;
select tests.create_receivers();
insert into latchkey.receivers (url, format, events, secrets, enabled) values
  ('https://all.example/', 'standard_webhooks',
   '{session.created,session.revoked,session.expired,session.reuse_detected,session.client_changed}',
   array[tests.webhook_secret('a')], true),
  ('https://alarm.example/', 'standard_webhooks', '{session.reuse_detected}',
   array[tests.webhook_secret('b')], true),
  ('https://off.example/', 'standard_webhooks', '{session.created}',
   array[tests.webhook_secret('c')], false);

-- The types that each receiver is told of a device, in their order: 'all: created, revoked'.
create function pg_temp.queued(device integer) returns text language sql as $$
  select coalesce(string_agg(receiver || ': ' || types, '; ' order by receiver), 'none')
  from (
    select substring(r.url from 'https://(\w+)') as receiver,
      string_agg(
        substring(o.payload ->> 'type' from '\.(.*)'), ', ' order by o.created_at, o.payload ->> 'type' desc
      ) as types
    from latchkey.outbox o join latchkey.receivers r on r.id = o.receiver_id
    where o.payload -> 'data' ->> 'session_id' = tests.session_id('ann', device)::text
    group by 1
  ) per_receiver;
$$;

select is(tests.after('select tests.sign_in(''ann'')' || change, 'select pg_temp.queued(1)'), expected, name)
from (values
  ('a sign-in', '', 'all: created'),
  ('a revocation is told to the receivers of CAEP too',
    $$; select tests.end_session('ann')$$, 'all: created, revoked; one: revoked; two: revoked'),
  ('a reuse is an alarm and a revocation',
    $$; select tests.end_session('ann', 1, 'reuse')$$,
    'alarm: reuse_detected; all: created, revoked, reuse_detected; one: revoked; two: revoked'),
  ('a sign-out by Supabase Auth',
    $$; delete from auth.sessions where id = tests.session_id('ann')$$,
    'all: created, revoked; one: revoked; two: revoked'),
  ('an expiry that the upkeep publishes',
    $$; select tests.expire('ann', absolute => '2 minutes'); select latchkey.expire_sessions()$$,
    'all: created, expired'),
  ('an expired session whose row is deleted',
    $$; select tests.expire('ann', absolute => '0');
      delete from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
    'all: created, expired'),
  ('a change of client',
    $$; select latchkey.record_events(array[latchkey.event_of(t, 'session_client_changed')])
      from latchkey.refresh_tokens t where t.session_id = tests.session_id('ann')$$,
    'all: created, client_changed'),
  ('other events are in the audit trail only',
    $$; select latchkey.record_events(array_agg(latchkey.event_of(t, event)))
      from latchkey.refresh_tokens t, unnest(array[
        'authn_proof_refused', 'session_disavowed', 'new_device'
      ]::latchkey.session_event[]) event
      where t.session_id = tests.session_id('ann')$$,
    'all: created'),
  ('without the audit trail',
    $$; alter table latchkey.session_events rename to session_events_away; select tests.end_session('ann')$$,
    'all: created, revoked; one: revoked; two: revoked'),
  ('without an enabled receiver', '; delete from latchkey.outbox; update latchkey.receivers set enabled = false;
    select tests.end_session(''ann'')', 'none')
) cases (name, change, expected);
select is(
  tests.after(
    'alter table latchkey.outbox rename to outbox_away', $$select (tests.sign_in('ann') is not null)::text$$
  ),
  'true', 'a sign-in works without the outbox'
);
select is(
  tests.after(
    'alter table latchkey.session_events rename to session_events_away',
    $$select (tests.sign_in('ann') is not null)::text$$
  ),
  'true', 'and without the audit trail'
);

set local timezone = 'Asia/Tokyo';
select tests.sign_in('ann', 2);
select tests.end_session('ann', 2, 'user');
create temp table payloads as
  select o.payload, o.settled_at, o.due_at, o.payload -> 'data' as data
  from latchkey.outbox o join latchkey.receivers r on r.id = o.receiver_id
  where r.url like '%all%' and o.payload -> 'data' ->> 'session_id' = tests.session_id('ann', 2)::text;
select bag_eq(
  'select payload - ''{timestamp,data}''::text[], data from payloads',
  $$values
    ('{"type": "session.created"}'::jsonb, '{
      "session_id": "aaaaaaaa-0000-4000-8000-000000000002",
      "user_id": "aaaaaaaa-0000-4000-8000-000000000000",
      "initiating_entity": "user", "ip": "192.0.2.2", "user_agent": "Safari",
      "new_device": false
    }'::jsonb),
    ('{"type": "session.revoked"}', '{
      "session_id": "aaaaaaaa-0000-4000-8000-000000000002",
      "user_id": "aaaaaaaa-0000-4000-8000-000000000000",
      "reason": "user", "initiating_entity": "user", "ip": "192.0.2.2", "user_agent": "Safari"
    }')$$,
  'the payload says what happened to which session'
);
select is_empty(
  $$select from payloads
    where payload ->> 'timestamp' !~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$'
      or (payload ->> 'timestamp')::timestamptz <> now()$$,
  'and when, in UTC'
);
select is_empty(
  'select from payloads where settled_at is not null or due_at > clock_timestamp()',
  'it is due at once'
);
select is_empty(
  $$select from latchkey.outbox o where o.payload::text ~ 'lk[a-z]_|eyJ|whsec_'$$,
  'it contains no token and no secret'
);

select * from finish();
rollback;
