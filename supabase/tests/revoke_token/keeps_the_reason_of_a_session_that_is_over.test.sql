begin;
select plan(2);

select tests.sign_in('ann');
select tests.end_session('ann', 1, 'reuse');

select is(
  latchkey.revoke_token(tests.session_id('ann'), tests.secret_hash('ann'), null),
  0, 'There is nothing to end'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'reuse')$$,
  'The first reason stays'
);

select * from finish();
rollback;
