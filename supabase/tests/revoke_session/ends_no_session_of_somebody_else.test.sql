begin;
select plan(2);

select tests.sign_in('ann');
select tests.sign_in('bob');
select tests.authenticate_as('ann');

select is(
  latchkey.revoke_session(tests.session_id('bob')::text),
  false, 'There is nothing to end, as for one that never was'
);
reset role;
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id in (
      tests.get_supabase_uid('ann'),
      tests.get_supabase_uid('bob')
    ) order by session_id$$,
  $$values (tests.session_id('ann'), null::text),
    (tests.session_id('bob'), null)$$,
  'Nothing is ended'
);

select * from finish();
rollback;
