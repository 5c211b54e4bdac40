begin;
select plan(2);

delete from latchkey.login_attempts;

select lives_ok(
  $$select latchkey.settle_attempt('ann@pgtap.example', '192.0.2.1', s)
    from unnest(array[true, false]) s$$,
  'Nobody knows either'
);
select is_empty('select from latchkey.login_attempts where last_failed_at = now()', 'No row is made');

select * from finish();
rollback;
