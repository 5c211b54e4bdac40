begin;
select plan(4);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'user', null, null, null);

select bag_eq(
  $$select jsonb_object_keys(payload - 'id') from realtime.messages
    where topic = 'session:aaaaaaaa-0000-4000-8000-000000000001'$$,
  $$values ('session_id'),
      ('user_id'),
      ('reason'),
      ('initiating_entity'),
      ('event_timestamp')$$,
  'These keys and no others (Realtime adds the id of the message)'
);
select is(
  (select payload - '{id,event_timestamp}'::text[] from realtime.messages
   where topic = 'session:aaaaaaaa-0000-4000-8000-000000000001'),
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
   from realtime.messages where topic = 'session:aaaaaaaa-0000-4000-8000-000000000001'),
  'When, in seconds since 1970'
);
select results_eq(
  $$select payload - 'id' from realtime.messages
    where topic = 'user:aaaaaaaa-0000-4000-8000-000000000000'$$,
  $$select payload - 'id' from realtime.messages
    where topic = 'session:aaaaaaaa-0000-4000-8000-000000000001'$$,
  'Both channels get the same'
);

select * from finish();
rollback;
