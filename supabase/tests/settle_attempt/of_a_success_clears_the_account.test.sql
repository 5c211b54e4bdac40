begin;
select plan(3);

delete from latchkey.login_attempts;
update latchkey.settings set attempts_before_delay = 5;
select latchkey.attempt('ann@pgtap.example', '192.0.2.1') from generate_series(1, 5);
select latchkey.settle_attempt('ann@pgtap.example', '192.0.2.1', true);

select is_empty(
  $$select from latchkey.login_attempts where kind = 'account'$$, 'Nothing is remembered'
);
select is(latchkey.attempt('ann@pgtap.example', '192.0.2.1'), 0, 'The next one need not wait');
select is(
  (select failures from latchkey.login_attempts where kind = 'address'), 5,
  'Of the address only the one attempt is taken back'
);

select * from finish();
rollback;
