begin;
select plan(1);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.end_session('ann', 1, 'user');
select tests.authenticate_as('ann');

select is_empty('select session_id from latchkey.refresh_tokens', 'It reads nothing');
reset role;

select * from finish();
rollback;
