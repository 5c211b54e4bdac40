begin;
select plan(3);

select tests.sign_in('ann');

select throws_ok(
  $$update latchkey.refresh_tokens set revoked_at = now()
    where session_id = tests.session_id('ann')$$,
  '23514', null, 'An end has a reason'
);
select throws_ok(
  $$update latchkey.refresh_tokens set revoked_reason = 'user'
    where session_id = tests.session_id('ann')$$,
  '23514', null, 'A reason is an end'
);
select throws_ok(
  $$update latchkey.refresh_tokens set revoked_at = now(), revoked_reason = 'because'
    where session_id = tests.session_id('ann')$$,
  '22P02', null, 'The reason is one of the vocabulary'
);

select * from finish();
rollback;
