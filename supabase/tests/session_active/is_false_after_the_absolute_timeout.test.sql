begin;
select plan(1);

select tests.sign_in('ann');
update latchkey.refresh_tokens set expires_at = now()
where session_id = tests.session_id('ann');
select tests.authenticate_as('ann');

select is((select latchkey.session_active()), false, 'A session at its absolute end');

reset role;

select * from finish();
rollback;
