-- A partition has grants and row level security of its own.
begin;
select plan(1);

select tests.sign_in('ann');
select tests.authenticate_as('ann');

select throws_ok(
  'select from latchkey.session_events_default', '42501', null,
  'Around the table there is no way in'
);
reset role;

select * from finish();
rollback;
