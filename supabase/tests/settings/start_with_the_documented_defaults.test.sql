begin;
select plan(2);

delete from latchkey.settings;
insert into latchkey.settings default values;

select results_eq(
  'select access_token_seconds, reuse_interval_seconds, idle_timeout, absolute_timeout
    from latchkey.settings',
  $$values (900, 10, interval '30 days', interval '365 days')$$,
  '15 minutes, 10 seconds, 30 days, 365 days'
);
select results_eq(
  'select ended_sessions_kept, events_kept from latchkey.settings',
  $$values (interval '30 days', interval '1 year')$$,
  'What is over is kept for 30 days, its events for a year'
);

select * from finish();
rollback;
