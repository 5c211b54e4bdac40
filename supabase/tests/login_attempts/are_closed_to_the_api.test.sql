begin;
select plan(4);

set local role anon;
select throws_ok('select from latchkey.login_attempts', '42501', null, 'anon');
set local role authenticated;
select throws_ok('select from latchkey.login_attempts', '42501', null, 'authenticated');
set local role service_role;
select throws_ok('select from latchkey.login_attempts', '42501', null, 'service_role');
select throws_ok(
  'delete from latchkey.login_attempts', '42501', null, 'Nor are they forgotten through it'
);
reset role;

select * from finish();
rollback;
