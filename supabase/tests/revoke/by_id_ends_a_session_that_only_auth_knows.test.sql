begin;
select plan(2);

select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, null,
      tests.session_id('ann', 3), null
    )$$,
  $$values ('done', null::text, 1)$$,
  'One session'
);
select results_eq(
  $$select id from auth.sessions where user_id = tests.get_supabase_uid('ann')
    order by id$$,
  $$values (tests.session_id('ann')),
      (tests.session_id('ann', 2))$$,
  'It is gone'
);

select * from finish();
rollback;
