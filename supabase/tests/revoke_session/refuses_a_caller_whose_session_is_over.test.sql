-- The access token lives on; the session does not.
begin;
select plan(2);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.end_session('ann');
select tests.authenticate_as('ann');

select is(
  latchkey.revoke_session(tests.session_id('ann', 2)::text),
  false, 'An ended session ends no other'
);
reset role;
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'admin'),
    (tests.session_id('ann', 2), null)$$,
  'Nothing is ended'
);

select * from finish();
rollback;
