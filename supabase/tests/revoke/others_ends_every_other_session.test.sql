begin;
select plan(3);

select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, 'others', null, null
    )$$,
  $$values ('done', null::text, 2)$$,
  'Those that only Supabase Auth knows are counted too'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id in (
      tests.get_supabase_uid('ann'),
      tests.get_supabase_uid('bob')
    ) order by session_id$$,
  $$values (tests.session_id('ann'), null::text),
    (tests.session_id('ann', 2), 'user'),
    (tests.session_id('bob'), null)$$,
  'Ended by the user, from another device'
);
select results_eq(
  $$select id from auth.sessions where user_id = tests.get_supabase_uid('ann')
    order by id$$,
  $$values (tests.session_id('ann'))$$,
  'In Supabase Auth too'
);

select * from finish();
rollback;
