begin;
select plan(1);

delete from latchkey.login_attempts;
select latchkey.attempt(a, null) from unnest(array['ann@pgtap.example', 'bob@pgtap.example']) a;
select latchkey.settle_attempt('ann@pgtap.example', null, true);

select results_eq(
  'select key_hash from latchkey.login_attempts',
  $$select latchkey.attempt_key('account', 'bob@pgtap.example')$$,
  'A successful sign-in clears only its own account'
);

select * from finish();
rollback;
