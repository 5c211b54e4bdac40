begin;
select plan(1);

delete from latchkey.settings;
insert into latchkey.settings default values;

select results_eq(
  'select access_token_seconds, reuse_interval_seconds, idle_timeout, absolute_timeout,
    sessions_per_user, at_session_limit, custom_access_token_hook from latchkey.settings',
  $$values (900, 10, interval '30 days', interval '365 days', null::integer, 'end_oldest', null::text)$$,
  '15 minutes, 10 seconds, 30 days, 365 days, any number of sessions, no hook'
);

select * from finish();
rollback;
