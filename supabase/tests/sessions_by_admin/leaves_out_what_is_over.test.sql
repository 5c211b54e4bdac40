begin;
select plan(2);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
select latchkey.login(
  tests.session_id('ann', 2), sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', null, null, null
);
select tests.end_session('ann');
update latchkey.refresh_tokens set idle_expires_at = now()
where session_id = tests.session_id('ann', 2);

select is(
  latchkey.sessions_by_admin(tests.get_supabase_uid('ann')), '[]',
  'Neither a revoked one nor one that has run out'
);
select is(
  latchkey.sessions_by_admin(tests.get_supabase_uid('cat')), '[]',
  'A user nobody knows has none'
);

select * from finish();
rollback;
