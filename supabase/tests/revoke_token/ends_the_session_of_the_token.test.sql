-- RFC 7009: whoever holds a token of the session may end it, of any generation.
begin;
select plan(4);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.refresh('ann', 0);
select tests.refresh('ann', 1);

select is(
  latchkey.revoke_token(tests.session_id('ann'), tests.secret_hash('ann'), null),
  1, 'One session'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'signed_out'),
    (tests.session_id('ann', 2), null)$$,
  'Its holder has signed out'
);
select results_eq(
  $$select id from auth.sessions where user_id = tests.get_supabase_uid('ann')
    order by id$$,
  $$values (tests.session_id('ann', 2))$$,
  'In Supabase Auth too'
);
select is(
  latchkey.revoke_token(tests.session_id('ann'), tests.secret_hash('ann'), null),
  0, 'Asked again there is nothing to end'
);

select * from finish();
rollback;
