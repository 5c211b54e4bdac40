begin;
select plan(6);
delete from latchkey.login_attempts;
select latchkey.attempt('ann@pgtap.example', '192.0.2.1');

select is((select count(*)::integer from latchkey.login_attempts), 2, 'an account and an address');
select is_empty(
  $$select a from latchkey.login_attempts a
    where a::text like '%ann%' or a::text like '%192.0.2%'
      or encode(key_hash, 'escape') ~ 'ann|192'$$,
  'neither is stored in clear text'
);
select is(
  tests.error_after('set local role ' || role, statement), '42501', role || ' may not ' || statement
)
from (values
  ('anon', 'select from latchkey.login_attempts'),
  ('authenticated', 'select from latchkey.login_attempts'),
  ('service_role', 'select from latchkey.login_attempts'),
  ('service_role', 'delete from latchkey.login_attempts')
) cases (role, statement);

select * from finish();
rollback;
