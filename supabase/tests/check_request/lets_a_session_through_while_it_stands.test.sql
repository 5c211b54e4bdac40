begin;
select plan(1);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
update latchkey.settings set strict = true;
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
set local role authenticated;

select lives_ok('select latchkey.check_request()', 'Also where the setting is strict');
reset role;

select * from finish();
rollback;
