begin;
select plan(1);

select tests.sign_in('ann');
update latchkey.refresh_tokens
set expires_at = now() + interval '1 hour', idle_expires_at = now() + interval '2 hours'
where session_id = tests.session_id('ann');
select tests.authenticate_as('ann');

select results_eq(
  'select expires_at from latchkey.sessions',
  $$values (now() + interval '1 hour')$$,
  'Here the absolute one'
);
reset role;

select * from finish();
rollback;
