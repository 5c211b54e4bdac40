begin;
select plan(1);

delete from latchkey.settings;
insert into latchkey.settings default values;

select results_eq(
  'select * from latchkey.settings',
  $$values (true, 900, 10, interval '30 days', interval '365 days')$$,
  '15 minutes, 10 seconds, 30 days, 365 days'
);

select * from finish();
rollback;
