begin;
select plan(2);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, null,
      tests.session_id('ann'), null
    )$$,
  $$values ('done', null::text, 1)$$,
  'One session'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'signed_out'),
    (tests.session_id('ann', 2), null)$$,
  'The caller has signed out'
);

select * from finish();
rollback;
