begin;
select plan(2);

delete from latchkey.login_attempts;
update latchkey.settings set attempts_before_delay = 1;
select latchkey.attempt('ann@pgtap.example', '192.0.2.1');
create temp table before as select * from latchkey.login_attempts;
select latchkey.attempt('ann@pgtap.example', '192.0.2.1') from generate_series(1, 20);

select is(
  (select failures from latchkey.login_attempts where kind = 'account'), 1,
  'Impatience does not lengthen the wait'
);
select set_eq(
  'select kind, key_hash, failures, blocked_until from latchkey.login_attempts',
  'select kind, key_hash, failures, blocked_until from before',
  'Nor does it count against the address'
);

select * from finish();
rollback;
