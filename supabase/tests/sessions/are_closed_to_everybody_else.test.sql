begin;
select plan(3);

select tests.sign_in('ann');

set local role anon;
select throws_ok(
  'select from latchkey.sessions', '42501', null, 'Somebody who is not signed in'
);
set local role service_role;
select throws_ok(
  'select from latchkey.sessions', '42501', null, 'The secret key'
);
set local role authenticated;
select is_empty('select from latchkey.sessions', 'A token without claims');
reset role;

select * from finish();
rollback;
