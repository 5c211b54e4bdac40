begin;
select plan(1);

select tests.create_auth_session('ann');
select tests.authenticate_as('ann');

select is((select latchkey.session_active()), true, 'A session that Latchkey does not manage');

reset role;

select * from finish();
rollback;
