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
  'select revoke_max_age, strict from latchkey.settings',
  $$values (null::interval, false)$$,
  'No recent sign-in is asked for, and other sessions are let through'
);

select * from finish();
rollback;
