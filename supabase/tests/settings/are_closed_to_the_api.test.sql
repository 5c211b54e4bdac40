begin;
select plan(4);

set local role anon;
select throws_ok('select from latchkey.settings', '42501', null, 'anon');
set local role authenticated;
select throws_ok('select from latchkey.settings', '42501', null, 'authenticated');
set local role service_role;
select throws_ok('select from latchkey.settings', '42501', null, 'service_role');
select throws_ok(
  'update latchkey.settings set reuse_interval_seconds = 60', '42501', null,
  'Nor are they changed through it'
);
reset role;

select * from finish();
rollback;
