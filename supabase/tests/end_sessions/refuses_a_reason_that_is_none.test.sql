-- A bug of the caller, so it raises.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);

select throws_ok(
  $$select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'because', null, null, null)$$,
  '22P02', null, 'A reason outside of the vocabulary'
);
select throws_ok(
  $$select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], null, null, null, null)$$,
  '23514', null, 'No reason'
);

select * from finish();
rollback;
