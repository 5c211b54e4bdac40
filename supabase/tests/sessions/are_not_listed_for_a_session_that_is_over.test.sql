begin;
select plan(3);

select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.create_auth_session('bob');
select tests.sign_in('ann');
select latchkey.login(
  tests.session_id('ann', 2), sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', null, null, null
);
select tests.login('bob');
select tests.end_session('ann');
update latchkey.refresh_tokens set expires_at = now()
where session_id = tests.session_id('ann', 2);

select is(
  latchkey.sessions(
    tests.session_id('ann'), tests.get_supabase_uid('ann')
  ),
  ('revoked', 'admin', null)::latchkey.sessions_result,
  'A revoked one gets its reason'
);
select is(
  latchkey.sessions(
    tests.session_id('ann', 2), tests.get_supabase_uid('ann')
  ),
  ('expired', 'absolute', null)::latchkey.sessions_result,
  'One that has run out learns which end it met'
);
select is(
  latchkey.sessions(
    tests.session_id('bob'), tests.get_supabase_uid('ann')
  ),
  ('revoked', 'signed_out', null)::latchkey.sessions_result,
  'Somebody else''s session does not stand'
);

select * from finish();
rollback;
