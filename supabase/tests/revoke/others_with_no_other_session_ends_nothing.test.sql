begin;
select plan(2);

select tests.sign_in('ann');

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, 'others', null, null
    )$$,
  $$values ('done', null::text, 0)$$,
  'Done, with nothing to do'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null::text)$$,
  'The caller stands'
);

select * from finish();
rollback;
