begin;
select plan(4);
delete from latchkey.login_attempts;
insert into latchkey.login_attempts (kind, key_hash, failures, last_failed_at, blocked_until) values
  ('account', sha256('a'), 5, now() - interval '25 hours', null),
  ('address', sha256('b'), 5, now() - interval '26 hours', now() - interval '1 hour'),
  ('account', sha256('c'), 5, now() - interval '25 hours', now() + interval '1 hour'),
  ('account', sha256('d'), 5, now() - interval '23 hours', null);

select is(latchkey.prune_attempts(1), 1, 'one call deletes one batch');
select results_eq(
  'select key_hash from latchkey.login_attempts order by key_hash',
  $$select sha256(k) from unnest(array['a', 'c', 'd']::bytea[]) k order by 1$$, 'the oldest first'
);
select is(latchkey.prune_attempts(), 1, 'the next call deletes the rest');
select results_eq(
  'select key_hash from latchkey.login_attempts order by key_hash',
  $$select sha256(k) from unnest(array['c', 'd']::bytea[]) k order by 1$$,
  'a counter that still delays, and one of the last 24 hours, remain'
);

select * from finish();
rollback;
