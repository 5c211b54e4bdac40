-- Realtime asks with a row of the topic, inserted beforehand: who can read it may join.
begin;
select plan(2);

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
  ('session:aaaaaaaa-0000-4000-8000-000000000001', 'broadcast'),
  ('user:aaaaaaaa-0000-4000-8000-000000000000', 'broadcast');
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
set local role authenticated;

set local realtime.topic = 'session:aaaaaaaa-0000-4000-8000-000000000001';
select isnt_empty(
  $$select from realtime.messages
    where topic = 'session:aaaaaaaa-0000-4000-8000-000000000001' and extension = 'broadcast'$$,
  'The channel of the session'
);
set local realtime.topic = 'user:aaaaaaaa-0000-4000-8000-000000000000';
select isnt_empty(
  $$select from realtime.messages
    where topic = 'user:aaaaaaaa-0000-4000-8000-000000000000' and extension = 'broadcast'$$,
  'The channel of the user'
);
reset role;

select * from finish();
rollback;
