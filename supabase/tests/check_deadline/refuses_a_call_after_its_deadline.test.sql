begin;
select plan(23);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('seed'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', null, null, null, null
);

-- In an order in which each call works.
create temp table calls (function text, call text);
insert into calls values
  ('attempt', $$attempt('ann@pgtap.example', null, %L)$$),
  ('settle_attempt', $$settle_attempt('ann@pgtap.example', null, false, %L)$$),
  (
    'login',
    $$login('aaaaaaaa-0000-4000-8000-000000000002', sha256('b'), 'aal1', '[]', null, null, null, null, %L)$$
  ),
  (
    'adopt',
    $$adopt('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000', sha256('c'), substr(sha256('n'), 1, 17), 'aal1', '[]', null, null, null, null, 1, %L)$$
  ),
  (
    'refresh',
    $$refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('seed'), null, null, %L)$$
  ),
  (
    'revoke',
    $$revoke('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', 1, 'local', null, null, %L)$$
  ),
  (
    'revoke_token',
    $$revoke_token('aaaaaaaa-0000-4000-8000-000000000002', sha256('b'), null, %L)$$
  ),
  (
    'revoke_by_admin',
    $$revoke_by_admin(null, 'aaaaaaaa-0000-4000-8000-000000000003', 'admin', null, %L)$$
  );

select throws_ok(
  'select latchkey.' || format(call, clock_timestamp()),
  'LK503', 'the deadline has passed: nothing was written',
  function || ' refuses a call after its deadline'
) from calls;
select lives_ok(
  'select latchkey.' || format(call, clock_timestamp() + interval '1 hour'),
  function || ' accepts a call before its deadline'
) from calls;

select set_eq(
  $$select p.proname::text from pg_proc p
    where p.pronamespace = 'latchkey'::regnamespace
      and p.provolatile = 'v'
      and has_function_privilege('latchkey_functions', p.oid, 'execute')
      and p.proname not in ('clock', 'settle_notice', 'take_notices')$$,
  'select function from calls',
  'Every function that writes for an endpoint takes a deadline, except those of notices, which are sent again anyway'
);
select set_eq(
  $$select proname::text from pg_proc
    where pronamespace = 'latchkey'::regnamespace
      and 'statement_timeout=3s' = any (proconfig)$$,
  'select function from calls',
  'They all end before their caller gives up'
);

select cmp_ok(
  latchkey.check_deadline(null), '>=', now(),
  'Without a deadline it returns the time'
);
select cmp_ok(
  latchkey.check_deadline('infinity'), '<=', latchkey.clock(),
  'It returns the time in that moment'
);
do $$
declare
  time text;
begin
  perform latchkey.check_deadline('-infinity');
exception when sqlstate 'LK503' then
  get stacked diagnostics time = pg_exception_detail;
  perform set_config('pgtap.time', time, true);
end
$$;
select cmp_ok(
  current_setting('pgtap.time')::timestamptz, '<=', latchkey.clock(),
  'The refusal carries the time'
);
select matches(
  current_setting('pgtap.time'), '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+[+-]\d\d:\d\d$',
  'As ISO 8601'
);
select is(
  (latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000009', 0, sha256('x'), null, null)).database_time
    between now() and clock_timestamp(), true,
  'An answer carries the time'
);

select * from finish();
rollback;
