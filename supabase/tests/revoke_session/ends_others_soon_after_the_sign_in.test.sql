begin;
select plan(1);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
select latchkey.login(
  tests.session_id('ann', 2), sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', null, null, null
);
update latchkey.settings set revoke_max_age = '5 minutes';
select set_config('request.jwt.claims', jsonb_build_object(
  'sub', tests.get_supabase_uid('ann'),
  'session_id', tests.session_id('ann'),
  'role', 'authenticated',
  'amr', '[{"method": "otp", "timestamp": 1}, "pwd"]'::jsonb || jsonb_build_array(jsonb_build_object('method', 'password', 'timestamp', extract(epoch from now())::bigint - 299))
)::text, true);
set local role authenticated;

select is(
  latchkey.revoke_session(tests.session_id('ann', 2)::text),
  true, 'The newest of the methods counts'
);
reset role;

select * from finish();
rollback;
