-- The ended device listens on one channel, every device of the user on the other. The payload
-- has the terms of CAEP.
begin;
select plan(5);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.end_session('ann', 1, 'user');
create temp table sent as
  select *, payload - '{id,event_timestamp}'::text[] as claims from realtime.messages
  where topic like '%:aaaaaaaa-0000-4000-8000-%';

select results_eq(
  'select topic, event, extension, private from sent order by topic',
  $$values ('session:' || tests.session_id('ann'), 'session-revoked', 'broadcast', true),
    ('user:' || tests.get_supabase_uid('ann'), 'session-revoked', 'broadcast', true)$$,
  'one private message on each, none on the channel of another session'
);
select bag_eq(
  $$select jsonb_object_keys(payload - 'id') from sent where topic like 'session:%'$$,
  array['session_id', 'user_id', 'reason', 'initiating_entity', 'event_timestamp'],
  'the payload has these keys; Realtime adds the id of the message'
);
select is(
  (select claims from sent where topic like 'session:%'),
  '{
    "session_id": "aaaaaaaa-0000-4000-8000-000000000001",
    "user_id": "aaaaaaaa-0000-4000-8000-000000000000",
    "reason": "user", "initiating_entity": "user"
  }'::jsonb,
  'it says which session of which user ended, why, and who ended it'
);
select ok(
  (select (payload ->> 'event_timestamp')::numeric
     between extract(epoch from now()) - 0.001 and extract(epoch from clock_timestamp()) + 0.001
   from sent where topic like 'session:%'),
  'it says when, in seconds since 1970'
);
select is(
  (select count(distinct payload - 'id')::integer from sent), 1, 'both channels get the same payload'
);

select * from finish();
rollback;
