begin;
select plan(21);
delete from latchkey.login_attempts;
update latchkey.settings set attempts_before_delay = 5, longest_attempt_delay = '15 minutes';
select tests.create_supabase_user('ann');

-- The number of seconds that an attempt must wait.
create function pg_temp.attempt(identifier text, address text default '192.0.2.1')
returns integer language sql as $$
  select latchkey.attempt(identifier || '@pgtap.example', address);
$$;
-- The failures that are counted: 'account 5, address 5'.
create function pg_temp.counted() returns text language sql as $$
  select coalesce(string_agg(kind || ' ' || failures, ', ' order by kind, failures), 'nothing')
  from latchkey.login_attempts;
$$;

select is(tests.after(change, query), expected, name)
from (values
  ('five attempts are free', 'select',
    $$select max(pg_temp.attempt('ann')) from generate_series(1, 5)$$, '0'),
  ('the sixth waits a second', $$select pg_temp.attempt('ann') from generate_series(1, 5)$$,
    $$select pg_temp.attempt('ann')$$, '1'),
  ('another account does not wait', $$select pg_temp.attempt('ann') from generate_series(1, 6)$$,
    $$select pg_temp.attempt('ben')$$, '0'),
  ('an unknown account is counted like a known one', 'select',
    $$select array_agg(pg_temp.attempt('ann', null)) = array_agg(pg_temp.attempt('nobody', null))
      from generate_series(1, 7)$$, 'true'),
  ('an account is counted over all addresses',
    $$select pg_temp.attempt('ann', '192.0.2.' || n) from generate_series(1, 5) n$$,
    $$select pg_temp.attempt('ann', '192.0.2.6')$$, '1'),
  ('an account is counted over all addresses, also without one',
    $$select pg_temp.attempt('ann', '192.0.2.' || n) from generate_series(1, 5) n$$,
    $$select pg_temp.attempt('ann', null)$$, '1'),
  ('an address has ten times as many free attempts', 'select',
    $$select max(pg_temp.attempt(n::text)) from generate_series(1, 50) n$$, '0'),
  ('after them every account waits at this address',
    $$select pg_temp.attempt(n::text) from generate_series(1, 50) n$$,
    $$select pg_temp.attempt('ann')$$, '1'),
  ('and such an attempt does not count against the account',
    $$select pg_temp.attempt(n::text) from generate_series(1, 50) n; select pg_temp.attempt('ann')$$,
    $$select count(*) from latchkey.login_attempts
      where key_hash = latchkey.attempt_key('account', 'ann@pgtap.example')$$, '0'),
  ('at another address the account does not wait',
    $$select pg_temp.attempt(n::text) from generate_series(1, 50) n; select pg_temp.attempt('ann')$$,
    $$select pg_temp.attempt('ann', '192.0.2.2')$$, '0'),
  ('without an address a hundred accounts are free', 'select',
    $$select max(pg_temp.attempt(n::text, null)) from generate_series(1, 100) n$$, '0'),
  ('without an address none is counted', $$select pg_temp.attempt('ann', null)$$,
    'select pg_temp.counted()', 'account 1'),
  ('attempts during the wait do not make it longer, and do not count against the address',
    $$update latchkey.settings set attempts_before_delay = 1;
      select pg_temp.attempt('ann') from generate_series(1, 20)$$,
    'select pg_temp.counted()', 'account 1, address 1'),
  ('after 23 hours the count continues',
    $$select pg_temp.attempt('ann', null) from generate_series(1, 5);
      update latchkey.login_attempts
      set blocked_until = now() - interval '1 hour', last_failed_at = now() - interval '23 hours';
      select pg_temp.attempt('ann', null)$$,
    'select pg_temp.counted()', 'account 6'),
  ('after a day without attempts the next one is free and the count starts at 1',
    $$select pg_temp.attempt('ann', null) from generate_series(1, 6);
      update latchkey.login_attempts
      set blocked_until = now() - interval '1 hour', last_failed_at = now() - interval '25 hours'$$,
    $$select concat(pg_temp.attempt('ann', null), ', ', pg_temp.counted())$$, '0, account 1'),
  ('attempts_before_delay applies at once',
    $$update latchkey.settings set attempts_before_delay = 1; select pg_temp.attempt('ann', null)$$,
    $$select pg_temp.attempt('ann', null)$$, '1'),
  ('longest_attempt_delay applies at once',
    $$update latchkey.settings set attempts_before_delay = 1, longest_attempt_delay = '3 seconds';
      select pg_temp.attempt('ann', null);
      update latchkey.login_attempts set failures = 9, blocked_until = null;
      select pg_temp.attempt('ann', null)$$,
    $$select pg_temp.attempt('ann', null)$$, '3')
) cases (name, change, query, expected);

update latchkey.settings set attempts_before_delay = 1;
create temp table waits (n integer, seconds integer);
do $$
begin
  for n in 1..40 loop
    perform pg_temp.attempt('ann', null);
    insert into waits values (n, pg_temp.attempt('ann', null));
    update latchkey.login_attempts set blocked_until = now();
  end loop;
end
$$;
select results_eq(
  'select seconds from waits where n <= 10 order by n',
  array[1, 2, 4, 8, 16, 32, 64, 128, 256, 512], 'each failure doubles the wait'
);
select is(
  (select array_agg(distinct seconds) from waits where n > 10), array[900],
  'up to longest_attempt_delay, after any number of failures'
);

-- The functions connect as latchkey_functions, or call the Data API with a secret key.
delete from latchkey.login_attempts;
grant latchkey_functions to current_user with set true;
create temp table answers (role text, wait integer);
grant insert on answers to latchkey_functions, service_role;
set local role latchkey_functions;
insert into answers select current_user, latchkey.attempt('ann@pgtap.example', '192.0.2.1');
select latchkey.settle_attempt('ann@pgtap.example', '192.0.2.1', true);
set local role service_role;
insert into answers select current_user, latchkey.attempt('ann@pgtap.example', '192.0.2.1');
select latchkey.settle_attempt('ann@pgtap.example', '192.0.2.1', false);
reset role;
select set_eq(
  'select * from answers', $$values ('latchkey_functions', 0), ('service_role', 0)$$,
  'the roles of the functions need no right on any table'
);
select is(
  (select max(failures) from latchkey.login_attempts where last_failed_at >= now()), 0,
  'both of their attempts were settled'
);

select * from finish();
rollback;
