begin;
select plan(3);

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

select throws_ok(
  $$insert into latchkey.session_events (event, session_id, user_id) values
    ('session_created', 'aaaaaaaa-0000-4000-8000-000000000001',
      'aaaaaaaa-0000-4000-8000-000000000000')$$,
  '42501', null, 'Not added to'
);
select throws_ok(
  $$update latchkey.session_events set reason = 'user'$$, '42501', null, 'Not changed'
);
select throws_ok(
  'delete from latchkey.session_events', '42501', null, 'Not deleted'
);
reset role;

select * from finish();
rollback;
