begin;
select plan(1);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
update latchkey.settings set reuse_interval_seconds = 0;
select tests.sign_in('ann');
select tests.refresh('ann', 0);
update latchkey.refresh_tokens set rotated_at = now() - interval '1 millisecond'
where session_id = tests.session_id('ann');

select is(
  (tests.refresh('ann', 0)).outcome, 'reused', 'Any second use is theft'
);

select * from finish();
rollback;
