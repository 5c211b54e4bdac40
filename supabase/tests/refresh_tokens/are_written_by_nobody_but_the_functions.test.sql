begin;
select plan(5);

select tests.sign_in('ann');
select tests.authenticate_as('ann');

select throws_ok(
  $$update latchkey.refresh_tokens set device_name = 'Mine'$$, '42501', null, 'Not changed'
);
select throws_ok(
  $$update latchkey.refresh_tokens set revoked_at = now(), revoked_reason = 'user'$$,
  '42501', null, 'Not revoked'
);
select throws_ok(
  'delete from latchkey.refresh_tokens', '42501', null, 'Not deleted'
);
select throws_ok(
  $$insert into latchkey.refresh_tokens (session_id) values (tests.session_id('ann', 2))$$,
  '42501', null, 'Not added to'
);
reset role;
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null::text)$$,
  'The session is as it was'
);

select * from finish();
rollback;
