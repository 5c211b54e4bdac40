-- As supabase-js calls it.
begin;
select plan(2);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.authenticate_as('ann');

select is(latchkey.revoke_session(tests.session_id('ann', 2)::text), true, 'It did');
reset role;
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null::text),
    (tests.session_id('ann', 2), 'user')$$,
  'Ended by the user'
);

select * from finish();
rollback;
