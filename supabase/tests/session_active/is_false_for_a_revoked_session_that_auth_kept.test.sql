-- The deletion in auth.sessions may have failed: the revocation counts alone.
begin;
select plan(1);

select tests.create_auth_session('ann');
select tests.login('ann');
select tests.end_session('ann');
select tests.create_auth_session('ann');
select tests.authenticate_as('ann');

select is((select latchkey.session_active()), false, 'What Latchkey ended has ended');

reset role;

select * from finish();
rollback;
