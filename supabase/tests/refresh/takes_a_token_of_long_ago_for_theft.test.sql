-- Every older generation is recognised, at no storage.
begin;
select plan(2);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
update latchkey.refresh_tokens set generation = 100000
where session_id = tests.session_id('ann');

select is(
  (tests.refresh('ann', 7)).outcome,
  'reused', 'A token is recognised for as long as its session stands'
);
select is(
  (select revoked_reason from latchkey.refresh_tokens
   where session_id = tests.session_id('ann')),
  'reuse', 'The session is revoked'
);

select * from finish();
rollback;
