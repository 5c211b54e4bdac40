begin;
select plan(3);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
select tests.refresh('ann', 0);
update latchkey.refresh_tokens set rotated_at = now() - interval '30 seconds'
where session_id = tests.session_id('ann');
update latchkey.settings set
  reuse_interval_seconds = 60, access_token_seconds = 120, idle_timeout = '1 hour';

select results_eq(
  $$select outcome::text, access_token_seconds from tests.refresh('ann', 0)$$,
  $$values ('repeated', 120)$$,
  'The interval and the life of the access token'
);
select is(
  (tests.refresh('ann', 1)).outcome,
  'rotated', 'The session goes on'
);
select is(
  (select idle_expires_at from latchkey.refresh_tokens
   where session_id = tests.session_id('ann')),
  now() + interval '1 hour', 'The idle timeout counts at the next rotation'
);

select * from finish();
rollback;
