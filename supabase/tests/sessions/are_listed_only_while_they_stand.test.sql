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
update latchkey.refresh_tokens set idle_expires_at = now()
where session_id = tests.session_id('ann', 2);

select is(
  jsonb_path_query_array((latchkey.sessions(
    tests.session_id('ann'), tests.get_supabase_uid('ann')
  )).sessions, '$[*].session_id'),
  '["aaaaaaaa-0000-4000-8000-000000000001"]'::jsonb,
  'One that has run out is left out'
);
select is(
  (latchkey.sessions(
    tests.session_id('ann', 3), tests.get_supabase_uid('ann')
  )).sessions -> 0 ->> 'session_id',
  tests.session_id('ann')::text,
  'A session that only Supabase Auth knows may ask, and is not listed'
);
select tests.end_session('ann', 1, 'user');
select is(
  (latchkey.sessions(
    tests.session_id('ann', 3), tests.get_supabase_uid('ann')
  )).sessions,
  '[]'::jsonb,
  'Nor is one that was ended; an empty list is a list'
);

select * from finish();
rollback;
