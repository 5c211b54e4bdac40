-- Realtime asks with a row of the topic, inserted beforehand: who can read it may join.
begin;
select plan(5);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated'),
  ('bbbbbbbb-0000-4000-8000-000000000000', 'bob@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', '192.0.2.2', 'Phone', null
);
select latchkey.login(
  'bbbbbbbb-0000-4000-8000-000000000001', sha256('bob-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
insert into realtime.messages (topic, extension) values
  ('session:bbbbbbbb-0000-4000-8000-000000000001', 'broadcast'),
  ('user:bbbbbbbb-0000-4000-8000-000000000000', 'broadcast'),
  ('session:aaaaaaaa-0000-4000-8000-000000000002', 'broadcast'),
  ('session:', 'broadcast'),
  ('room:aaaaaaaa-0000-4000-8000-000000000000', 'broadcast');
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
set local role authenticated;

set local realtime.topic = 'session:bbbbbbbb-0000-4000-8000-000000000001';
select is_empty(
  $$select from realtime.messages
    where topic = 'session:bbbbbbbb-0000-4000-8000-000000000001' and extension = 'broadcast'$$,
  'The session of another user'
);
set local realtime.topic = 'user:bbbbbbbb-0000-4000-8000-000000000000';
select is_empty(
  $$select from realtime.messages
    where topic = 'user:bbbbbbbb-0000-4000-8000-000000000000' and extension = 'broadcast'$$,
  'Another user'
);
set local realtime.topic = 'session:aaaaaaaa-0000-4000-8000-000000000002';
select is_empty(
  $$select from realtime.messages
    where topic = 'session:aaaaaaaa-0000-4000-8000-000000000002' and extension = 'broadcast'$$,
  'Another session of the same user'
);
set local realtime.topic = 'session:';
select is_empty(
  $$select from realtime.messages where topic = 'session:' and extension = 'broadcast'$$,
  'No session'
);
set local realtime.topic = 'room:aaaaaaaa-0000-4000-8000-000000000000';
select is_empty(
  $$select from realtime.messages
    where topic = 'room:aaaaaaaa-0000-4000-8000-000000000000' and extension = 'broadcast'$$,
  'Any other channel'
);
reset role;

select * from finish();
rollback;
