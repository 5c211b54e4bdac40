begin;
select plan(1);

select tests.sign_in('ann');
select tests.end_session('ann', 1, 'user');
select tests.authenticate_as('ann');

select is(
  (select latchkey.session_active()),
  false, 'A revoked session, whatever its access token says'
);

reset role;

select * from finish();
rollback;
