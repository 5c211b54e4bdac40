-- The access token lives on; the session does not.
begin;
select plan(1);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.end_session('ann', 1, 'user');
select tests.authenticate_as('ann');

select is_empty('select from latchkey.sessions', 'It reads nothing, not even the others');
reset role;

select * from finish();
rollback;
