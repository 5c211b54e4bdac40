begin;
select plan(30);
select tests.sign_in('ann');
select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);

-- In this order each call works.
create temp table calls (function text, call text);
insert into calls values
  ('attempt', $$attempt('ann@pgtap.example', null, %L)$$),
  ('settle_attempt', $$settle_attempt('ann@pgtap.example', null, false, %L)$$),
  ('login', $$login(tests.session_id('ann', 2), sha256('b'), 'aal1', '[]',
    null, null, null, null, deadline => %L)$$),
  ('adopt', $$adopt(tests.session_id('ann', 3), tests.get_supabase_uid('ann'), sha256('c'),
    substr(sha256('n'), 1, 17), 'aal1', '[]', null, null, null, null, 1, deadline => %L)$$),
  ('refresh', $$refresh(tests.session_id('ann'), 0, tests.secret_hash('ann'), null, null,
    deadline => %L)$$),
  ('revoke', $$revoke(tests.session_id('ann'), tests.get_supabase_uid('ann'), 1, 'local',
    null, null, %L)$$),
  ('revoke_token', $$revoke_token(tests.session_id('ann', 2), sha256('b'), null, %L)$$),
  ('disavow', $$disavow(tests.session_id('ann', 2), 'local', null, %L)$$),
  ('revoke_by_admin', $$revoke_by_admin(null, tests.session_id('ann', 3), 'admin', null, %L)$$);

select throws_ok(
  'select latchkey.' || format(call, clock_timestamp()),
  'LK503', 'the deadline has passed: nothing was written',
  function || ' refuses a call after its deadline'
) from calls;
select is(
  tests.after(
    'select',
    'select database_time between now() and clock_timestamp() from latchkey.'
      || format(call, 'infinity')
  ),
  'true', function || ' returns the time of the database'
) from calls where function in ('login', 'adopt', 'refresh', 'revoke', 'disavow', 'revoke_by_admin');
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
  'every function that writes for an endpoint takes a deadline, except those of notices, which are sent again'
);
select set_eq(
  $$select proname::text from pg_proc
    where pronamespace = 'latchkey'::regnamespace
      and 'statement_timeout=3s' = any (proconfig)$$,
  'select function from calls',
  'each of them stops before its caller gives up'
);

select cmp_ok(
  latchkey.check_deadline(null), '>=', now(),
  'without a deadline it returns the time'
);
select cmp_ok(
  latchkey.check_deadline('infinity'), '<=', latchkey.clock(),
  'it returns the current time, not that of the transaction'
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
  'the error has the time in its detail'
);
select matches(
  current_setting('pgtap.time'), '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+[+-]\d\d:\d\d$',
  'in ISO 8601'
);
select * from finish();
rollback;
