begin;
select plan(5);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'admin', null, null, null);
set local role authenticated;

set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": "aaaaaaaa-0000-4000-8000-000000000002"}';
select lives_ok('select latchkey.check_request()', 'A session that only Supabase Auth knows');
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": "cccccccc-0000-4000-8000-000000000001"}';
select lives_ok('select latchkey.check_request()', 'A session nobody knows');
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "email": ""}';
select lives_ok('select latchkey.check_request()', 'A token without a session');
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": "------------------------------------"}';
select lives_ok('select latchkey.check_request()', 'A session_id of another issuer');
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": {"a": 1}}';
select lives_ok('select latchkey.check_request()', 'A session_id that is no text');
reset role;

select * from finish();
rollback;
