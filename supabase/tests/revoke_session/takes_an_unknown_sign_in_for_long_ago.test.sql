begin;
select plan(3);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
select latchkey.login(
  tests.session_id('ann', 2), sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', null, null, null
);
update latchkey.settings set revoke_max_age = '5 minutes';
set local role authenticated;

select set_config('request.jwt.claims', jsonb_build_object(
  'sub', tests.get_supabase_uid('ann'),
  'session_id', tests.session_id('ann'),
  'role', 'authenticated',
  'amr', null::text
)::text, true);
select throws_like(
  $$select latchkey.revoke_session(tests.session_id('ann', 2)::text)$$,
  '%"reauthentication_required"%', 'No amr'
);
select set_config('request.jwt.claims', jsonb_build_object(
  'sub', tests.get_supabase_uid('ann'),
  'session_id', tests.session_id('ann'),
  'role', 'authenticated',
  'amr', '["pwd"]'::jsonb
)::text, true);
select throws_like(
  $$select latchkey.revoke_session(tests.session_id('ann', 2)::text)$$,
  '%"reauthentication_required"%', 'Methods without a time'
);
select set_config('request.jwt.claims', jsonb_build_object(
  'sub', tests.get_supabase_uid('ann'),
  'session_id', tests.session_id('ann'),
  'role', 'authenticated',
  'amr', '[{"method": "password", "timestamp": "9999999999"}]'::jsonb
)::text, true);
select throws_like(
  $$select latchkey.revoke_session(tests.session_id('ann', 2)::text)$$,
  '%"reauthentication_required"%', 'A time that is no number'
);
reset role;

select * from finish();
rollback;
