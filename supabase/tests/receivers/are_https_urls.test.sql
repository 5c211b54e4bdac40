begin;
select plan(16);

select is(
  tests.error_after('select', format(
    $$insert into latchkey.receivers (url, audience) values (%L, 'a')$$, url
  )),
  expected, url
)
from (values
  ('http://one.example/', '23514'), ('ftp://one.example/', '23514'), ('https://', '23514'),
  ('https://user:secret@one.example/', '23514'), ('http://localhost.example/', '23514'),
  ('javascript:alert(1)', '23514'), ('https://one.example:8443/events?a=b', 'no error'),
  ('http://127.0.0.1:8080/events', 'no error')
) cases (url, expected);
select is(
  tests.error_after('set local role ' || role, statement), '42501', role || ' may not ' || statement
)
from unnest(array['anon', 'authenticated', 'service_role']) role, unnest(array[
    'select from latchkey.receivers', 'select from latchkey.outbox',
    'select latchkey.take_notices(1, null)'
  ]) statement
where (role, statement) <> ('service_role', 'select latchkey.take_notices(1, null)');

select * from finish();
rollback;
