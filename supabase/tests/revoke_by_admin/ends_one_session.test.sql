begin;
select plan(4);

select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

select is(
  (latchkey.revoke_by_admin(null, tests.session_id('ann', 2), 'admin', null)).revoked,
  1, 'One session'
);
select is(
  (latchkey.revoke_by_admin(null, tests.session_id('ann', 3), 'admin', null)).revoked,
  1, 'One that only Supabase Auth knows'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id in (
      tests.get_supabase_uid('ann'),
      tests.get_supabase_uid('bob')
    ) order by session_id$$,
  $$values (tests.session_id('ann'), null::text),
    (tests.session_id('ann', 2), 'admin'),
    (tests.session_id('bob'), null)$$,
  'And no other'
);
select results_eq(
  $$select id from auth.sessions where user_id = tests.get_supabase_uid('ann')
    order by id$$,
  $$values (tests.session_id('ann'))$$,
  'In Supabase Auth too'
);

select * from finish();
rollback;
