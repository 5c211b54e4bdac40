begin;
select plan(8);

select throws_ok(
  format('set local role %I; %s', role, statement), '42501', null, role || ': ' || statement
)
from unnest(array['anon', 'authenticated', 'service_role']) role,
  unnest(array['select from latchkey.receivers', 'select from latchkey.outbox']) statement;
select throws_ok(
  format('set local role %I; select latchkey.take_notices(1, null)', role), '42501', null, role || ' takes none'
)
from unnest(array['anon', 'authenticated']) role;

select * from finish();
rollback;
