begin;
select plan(4);

select tests.sign_in('ann');

set local request.jwt.claims = '{"sub": "aaaaaaaa-0000-4000-8000-000000000000"}';
set local role authenticated;
select is(
  latchkey.revoke_session(tests.session_id('ann')::text),
  false, 'A token that names no session'
);
select is(latchkey.revoke_session(null), false, 'And no target');
set local role anon;
select throws_ok(
  $$select latchkey.revoke_session(tests.session_id('ann')::text)$$,
  '42501', null, 'Somebody who is not signed in may not ask'
);
reset role;
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null::text)$$,
  'Nothing is ended'
);

select * from finish();
rollback;
