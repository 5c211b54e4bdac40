-- The device that was ended listens on one, every device of the user on the other.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', '192.0.2.2', 'Phone', null
);
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'user', null, null, null);

select results_eq(
  $$select topic, event, extension, private from realtime.messages
    where topic in (
      'session:aaaaaaaa-0000-4000-8000-000000000001',
      'user:aaaaaaaa-0000-4000-8000-000000000000'
    ) order by topic$$,
  $$values ('session:aaaaaaaa-0000-4000-8000-000000000001', 'session-revoked', 'broadcast', true),
    ('user:aaaaaaaa-0000-4000-8000-000000000000', 'session-revoked', 'broadcast', true)$$,
  'One private message on each'
);
select is_empty(
  $$select from realtime.messages
    where topic = 'session:aaaaaaaa-0000-4000-8000-000000000002'$$,
  'Nothing on the channel of another session'
);

select * from finish();
rollback;
