begin;
select plan(4);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');
update latchkey.refresh_tokens set rotated_at = now() - interval '1 hour'
where session_id = tests.session_id('ann');

select is(
  latchkey.sessions_by_admin(tests.get_supabase_uid('ann')),
  jsonb_set((latchkey.sessions(
    tests.session_id('ann'), tests.get_supabase_uid('ann')
  )).sessions, '{1,current}', 'false'),
  'the same list, in which none is the current session'
);
select is(
  jsonb_path_query_array(
    latchkey.sessions_by_admin(tests.get_supabase_uid('ann')), '$[*].session_id'
  ),
  '["aaaaaaaa-0000-4000-8000-000000000002", "aaaaaaaa-0000-4000-8000-000000000001"]',
  'the last used session comes first'
);
select is(latchkey.sessions_by_admin(tests.get_supabase_uid('cat')), '[]', 'an unknown user has none');
select tests.end_session('ann');
select tests.expire('ann', 2, idle => '0');
select is(
  latchkey.sessions_by_admin(tests.get_supabase_uid('ann')), '[]',
  'neither a revoked nor an expired session is listed'
);

select * from finish();
rollback;
