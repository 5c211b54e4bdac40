begin;
select plan(3);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

select is(
  latchkey.end_sessions(
    array[tests.session_id('ann'), tests.session_id('bob')]::uuid[],
    'admin', null, null, null
  ),
  2, 'The number of sessions that were ended'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id in (
      tests.get_supabase_uid('ann'),
      tests.get_supabase_uid('bob')
    ) order by session_id$$,
  $$values (tests.session_id('ann'), 'admin'),
    (tests.session_id('ann', 2), null),
    (tests.session_id('bob'), 'admin')$$,
  'The others stand'
);
select results_eq(
  $$select id from auth.sessions where user_id = tests.get_supabase_uid('ann')
    order by id$$,
  $$values (tests.session_id('ann', 2))$$,
  'In Supabase Auth too'
);

select * from finish();
rollback;
