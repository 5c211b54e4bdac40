begin;
select plan(2);

delete from latchkey.login_attempts;
update latchkey.settings set attempts_before_delay = 5;

select is(
  (select max(latchkey.attempt(n || '@pgtap.example', null)) from generate_series(1, 100) n),
  0, 'A hundred accounts'
);
select is(
  (select count(*) from latchkey.login_attempts where kind = 'address'), 0::bigint,
  'No address is made up'
);

select * from finish();
rollback;
