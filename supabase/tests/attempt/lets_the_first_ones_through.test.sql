begin;
select plan(3);

delete from latchkey.login_attempts;
update latchkey.settings set attempts_before_delay = 5;

select results_eq(
  $$select latchkey.attempt('ann@pgtap.example', '192.0.2.1') from generate_series(1, 5)$$,
  $$select 0 from generate_series(1, 5)$$,
  'Five attempts wait for nothing'
);
select is(
  latchkey.attempt('ann@pgtap.example', '192.0.2.1'), 1, 'The sixth waits a second'
);
select is(
  latchkey.attempt('ben@pgtap.example', '192.0.2.1'), 0, 'Another account does not'
);

select * from finish();
rollback;
