begin;
select plan(1);

select tests.sign_in('ann');
select tests.authenticate_as('ann');

select is((select latchkey.session_active()), true, 'A session that was just signed in');

reset role;

select * from finish();
rollback;
