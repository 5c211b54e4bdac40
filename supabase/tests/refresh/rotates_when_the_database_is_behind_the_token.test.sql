-- The database was restored from a backup: the holder has the newest token.
begin;
select plan(3);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');

select results_eq(
  $$select outcome::text, generation from tests.refresh('ann', 7)$$,
  $$values ('rotated', 8)$$,
  'A token ahead of the database rotates from its own generation'
);
select is(
  (select generation from latchkey.refresh_tokens
   where session_id = tests.session_id('ann')),
  8, 'The database has caught up'
);
select is(
  (tests.refresh('ann', 3)).outcome,
  'reused', 'What lies between counts as older from now on'
);

select * from finish();
rollback;
