begin;
select plan(1);

delete from latchkey.login_attempts;
update latchkey.settings set attempts_before_delay = 5;
select tests.create_supabase_user('ann');

select results_eq(
  $$select latchkey.attempt('ann@pgtap.example', null) from generate_series(1, 7)$$,
  $$select latchkey.attempt('nobody@pgtap.example', null) from generate_series(1, 7)$$,
  'An unknown account is counted like a known one'
);

select * from finish();
rollback;
