begin;
select plan(4);

delete from latchkey.login_attempts;
update latchkey.settings set attempts_before_delay = 5;

select is(
  (select max(latchkey.attempt(n || '@pgtap.example', '192.0.2.1')) from generate_series(1, 50) n),
  0, 'Fifty accounts behind one address'
);
select is(
  latchkey.attempt('51@pgtap.example', '192.0.2.1'), 1, 'The next one waits, whoever it is'
);
select ok(
  not exists (
    select from latchkey.login_attempts
    where key_hash = latchkey.attempt_key('account', '51@pgtap.example')
  ),
  'And is not counted, nor remembered'
);
select is(latchkey.attempt('51@pgtap.example', '192.0.2.2'), 0, 'Another address does not');

select * from finish();
rollback;
