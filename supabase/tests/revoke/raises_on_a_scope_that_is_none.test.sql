-- A bug of the caller: the function has checked before.
begin;
select plan(3);

select tests.sign_in('ann');

select throws_ok(
  $$select latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, 'everywhere', null, null
    )$$,
  '22P02', null, 'A scope outside of the vocabulary'
);
select throws_ok(
  $$select latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, null, null, null
    )$$,
  '22023', null, 'Neither a scope nor a session'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null::text)$$,
  'Nothing is ended'
);

select * from finish();
rollback;
