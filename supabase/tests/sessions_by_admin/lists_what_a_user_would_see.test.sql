begin;
select plan(2);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
select latchkey.login(
  tests.session_id('ann', 2), sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', null, null, null
);
select tests.sign_in('bob');
update latchkey.refresh_tokens set rotated_at = now() - interval '1 hour'
where session_id = tests.session_id('ann');

select is(
  latchkey.sessions_by_admin(tests.get_supabase_uid('ann')),
  jsonb_set((latchkey.sessions(
    tests.session_id('ann'), tests.get_supabase_uid('ann')
  )).sessions, '{1,current}', 'false'),
  'The same list, with none of them the current one'
);
select is(
  jsonb_path_query_array(
    latchkey.sessions_by_admin(tests.get_supabase_uid('ann')), '$[*].session_id'
  ),
  '["aaaaaaaa-0000-4000-8000-000000000002", "aaaaaaaa-0000-4000-8000-000000000001"]',
  'The last used first'
);

select * from finish();
rollback;
