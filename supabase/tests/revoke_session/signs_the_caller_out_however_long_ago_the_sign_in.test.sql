begin;
select plan(1);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
update latchkey.settings set revoke_max_age = '5 minutes';
select set_config('request.jwt.claims', jsonb_build_object(
  'sub', tests.get_supabase_uid('ann'),
  'session_id', tests.session_id('ann'),
  'role', 'authenticated',
  'amr', jsonb_build_array(jsonb_build_object('method', 'password', 'timestamp', extract(epoch from now())::bigint - 999999))
)::text, true);
set local role authenticated;

select is(
  latchkey.revoke_session(tests.session_id('ann')::text),
  true, 'The own session needs no recent sign-in'
);
reset role;

select * from finish();
rollback;
