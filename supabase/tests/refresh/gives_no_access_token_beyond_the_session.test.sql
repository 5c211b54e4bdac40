-- The idle end moves with the rotation, the absolute end does not.
begin;
select plan(2);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
update latchkey.refresh_tokens set expires_at = now() + interval '100 seconds'
where session_id = tests.session_id('ann');

select is(
  (tests.refresh('ann', 0)).access_token_seconds, 100,
  'The last access token ends with the session'
);
select is(
  (tests.refresh('ann', 0)).access_token_seconds, 100,
  'Repeated too'
);

select * from finish();
rollback;
