begin;
select plan(5);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);

select is(
  latchkey.revoke_token(tests.session_id('ann'), sha256('guessed'), null),
  0, 'A guessed seed'
);
select is(
  latchkey.revoke_token(tests.session_id('ann'), tests.secret_hash('ann', 2), null),
  0, 'The seed of another session'
);
select is(latchkey.revoke_token(tests.session_id('ann'), null, null), 0, 'No seed');
select is(
  latchkey.revoke_token('ffffffff-0000-4000-8000-00000000000f', tests.secret_hash('ann'), null),
  0, 'A session nobody knows'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null::text),
    (tests.session_id('ann', 2), null)$$,
  'Nothing is ended'
);

select * from finish();
rollback;
