-- A ban that ended before the session began.
begin;
select plan(1);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
update auth.users set banned_until = now() where id = tests.get_supabase_uid('ann');

select is(
  (tests.refresh('ann', 0)).outcome, 'rotated', 'A ban in the past stops nothing'
);

select * from finish();
rollback;
