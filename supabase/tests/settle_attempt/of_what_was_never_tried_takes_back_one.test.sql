begin;
select plan(3);

delete from latchkey.login_attempts;
update latchkey.settings set attempts_before_delay = 5;
select latchkey.attempt('ann@pgtap.example', '192.0.2.1') from generate_series(1, 5);
select latchkey.settle_attempt('ann@pgtap.example', '192.0.2.1', false);

select results_eq(
  'select kind, failures from latchkey.login_attempts order by kind',
  $$values ('account', 4), ('address', 4)$$,
  'Of both counters'
);
select is(latchkey.attempt('ann@pgtap.example', '192.0.2.1'), 0, 'It can be made again');
select is(latchkey.attempt('ann@pgtap.example', '192.0.2.1'), 1, 'Once');

select * from finish();
rollback;
