-- A forged end of a session would sign its user out of the app.
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
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
set local role authenticated;
set local realtime.topic = 'user:aaaaaaaa-0000-4000-8000-000000000000';

select throws_ok(
  $$insert into realtime.messages (topic, extension, event, private)
    values ('user:aaaaaaaa-0000-4000-8000-000000000000', 'broadcast', 'session-revoked', true)$$,
  '42501', null, 'Not on the own channel'
);
set local realtime.topic = 'session:aaaaaaaa-0000-4000-8000-000000000001';
select throws_ok(
  $$insert into realtime.messages (topic, extension, event, private)
    values ('session:aaaaaaaa-0000-4000-8000-000000000001', 'broadcast', 'session-revoked', true)$$,
  '42501', null, 'Not on that of the session'
);
set local role anon;
select throws_ok(
  $$insert into realtime.messages (topic, extension, event, private)
    values ('user:aaaaaaaa-0000-4000-8000-000000000000', 'broadcast', 'session-revoked', true)$$,
  '42501', null, 'Not by somebody who is not signed in'
);
reset role;
select is_empty(
  $$select from realtime.messages
    where topic in (
      'session:aaaaaaaa-0000-4000-8000-000000000001',
      'user:aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  'There is nothing to deliver'
);

select * from finish();
rollback;
