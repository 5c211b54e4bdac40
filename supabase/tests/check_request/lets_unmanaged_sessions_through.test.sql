begin;
select plan(5);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
select tests.end_session('ann');
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
