begin;
select plan(4);

select tests.sign_in('ann');
select tests.end_session('ann', 1, 'user');

select bag_eq(
  $$select jsonb_object_keys(payload - 'id') from realtime.messages
    where topic = 'session:' || tests.session_id('ann')$$,
  $$values ('session_id'),
      ('user_id'),
      ('reason'),
      ('initiating_entity'),
      ('event_timestamp')$$,
  'These keys and no others (Realtime adds the id of the message)'
);
select is(
  (select payload - '{id,event_timestamp}'::text[] from realtime.messages
   where topic = 'session:' || tests.session_id('ann')),
  '{
    "session_id": "aaaaaaaa-0000-4000-8000-000000000001",
    "user_id": "aaaaaaaa-0000-4000-8000-000000000000",
    "reason": "user", "initiating_entity": "user"
  }'::jsonb,
  'Which session, whose, why, and by whom'
);
select ok(
  (select (payload ->> 'event_timestamp')::numeric
     between extract(epoch from now()) - 0.001 and extract(epoch from clock_timestamp()) + 0.001
   from realtime.messages where topic = 'session:' || tests.session_id('ann')),
  'When, in seconds since 1970'
);
select results_eq(
  $$select payload - 'id' from realtime.messages
    where topic = 'user:' || tests.get_supabase_uid('ann')$$,
  $$select payload - 'id' from realtime.messages
    where topic = 'session:' || tests.session_id('ann')$$,
  'Both channels get the same'
);

select * from finish();
rollback;
