begin;
select plan(2);

delete from latchkey.login_attempts;
update latchkey.settings set attempts_before_delay = 5;
select latchkey.attempt('ann@pgtap.example', '192.0.2.' || n) from generate_series(1, 5) n;

select is(
  latchkey.attempt('ann@pgtap.example', '192.0.2.6'), 1, 'A new address does not help'
);
select is(latchkey.attempt('ann@pgtap.example', null), 1, 'Nor does none');

select * from finish();
rollback;
