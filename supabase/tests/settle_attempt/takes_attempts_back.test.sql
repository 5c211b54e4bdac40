begin;
select plan(7);
delete from latchkey.login_attempts;
update latchkey.settings set attempts_before_delay = 5;
select latchkey.attempt('ann@pgtap.example', '192.0.2.1') from generate_series(1, 5);

-- The failures that are counted: 'account 5, address 5'.
create function pg_temp.counted() returns text language sql volatile as $$
  select coalesce(string_agg(kind || ' ' || failures, ', ' order by kind, failures), 'none')
  from latchkey.login_attempts;
$$;

select is(tests.after(change, query), expected, name)
from (values
  ('a success clears the account, and takes one attempt of the address back',
    $$select latchkey.settle_attempt('ann@pgtap.example', '192.0.2.1', true)$$,
    'select pg_temp.counted()', 'address 4'),
  ('after a success the next attempt does not wait',
    $$select latchkey.settle_attempt('ann@pgtap.example', '192.0.2.1', true)$$,
    $$select latchkey.attempt('ann@pgtap.example', '192.0.2.1')$$, '0'),
  ('a success clears no other account',
    $$select latchkey.attempt('bob@pgtap.example', null);
      select latchkey.settle_attempt('ann@pgtap.example', null, true)$$,
    $$select count(*) from latchkey.login_attempts
      where key_hash = latchkey.attempt_key('account', 'bob@pgtap.example')$$, '1'),
  ('an attempt that did not reach the password is taken back from both counters',
    $$select latchkey.settle_attempt('ann@pgtap.example', '192.0.2.1', false)$$,
    'select pg_temp.counted()', 'account 4, address 4'),
  ('and can be made again, once',
    $$select latchkey.settle_attempt('ann@pgtap.example', '192.0.2.1', false)$$,
    $$select string_agg(latchkey.attempt('ann@pgtap.example', '192.0.2.1')::text, ', ')
      from generate_series(1, 2)$$, '0, 1'),
  ('without an attempt a success stores nothing',
    $$delete from latchkey.login_attempts;
      select latchkey.settle_attempt('ann@pgtap.example', '192.0.2.1', true)$$,
    'select pg_temp.counted()', 'none'),
  ('without an attempt a failure stores nothing',
    $$delete from latchkey.login_attempts;
      select latchkey.settle_attempt('ann@pgtap.example', '192.0.2.1', false)$$,
    'select pg_temp.counted()', 'none')
) cases (name, change, query, expected);

select * from finish();
rollback;
