begin;
select plan(1);

select tests.create_supabase_user('ann');
select tests.authenticate_as('ann');

select is((select latchkey.session_active()), false, 'A session id without a row anywhere');

reset role;

select * from finish();
rollback;
