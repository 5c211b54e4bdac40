begin;
select plan(2);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.end_session('ann', 2, 'admin');
select tests.authenticate_as('ann');

select is(
  latchkey.revoke_session(tests.session_id('ann', 2)::text),
  false, 'There is nothing to end'
);
reset role;
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null::text),
    (tests.session_id('ann', 2), 'admin')$$,
  'The first reason stays'
);

select * from finish();
rollback;
