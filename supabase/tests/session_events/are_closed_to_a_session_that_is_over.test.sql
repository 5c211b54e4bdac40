begin;
select plan(1);

select tests.sign_in('ann');
select tests.end_session('ann', 1, 'user');
select tests.authenticate_as('ann');

select is_empty('select from latchkey.session_events', 'It reads nothing');
reset role;

select * from finish();
rollback;
