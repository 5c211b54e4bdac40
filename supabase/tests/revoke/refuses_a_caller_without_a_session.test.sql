begin;
select plan(3);

select tests.sign_in('ann', 2);

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, 'others', null, null
    )$$,
  $$values ('revoked', 'signed_out', null::integer)$$,
  'A session nobody knows'
);
select is(
  (latchkey.revoke(
    null, tests.get_supabase_uid('ann'), null, 'global', null, null
  )).outcome, 'revoked',
  'No session at all'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann', 2), null::text)$$,
  'Nothing is ended'
);

select * from finish();
rollback;
