begin;
select plan(1);

delete from latchkey.settings;
insert into latchkey.settings default values;

select results_eq(
  'select singleton, access_token_seconds, reuse_interval_seconds, idle_timeout, absolute_timeout,
    attempts_before_delay, longest_attempt_delay from latchkey.settings',
  $$values (true, 900, 10, interval '30 days', interval '365 days',
    5, interval '15 minutes')$$,
  '15 minutes, 10 seconds, 30 days, 365 days; 5 attempts, 15 minutes'
);

select * from finish();
rollback;
