begin;
select plan(1);

select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.authenticate_as('ann', 3);

select results_eq(
  'select session_id, current from latchkey.sessions',
  $$values (tests.session_id('ann'), false)$$,
  'It reads those that Latchkey manages'
);
reset role;

select * from finish();
rollback;
