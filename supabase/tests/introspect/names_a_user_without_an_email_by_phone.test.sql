begin;
select plan(2);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
update auth.users set email = null, phone = '15550009999'
where id = tests.get_supabase_uid('ann');
select is(latchkey.introspect(tests.session_id('ann'), 0, tests.secret_hash('ann')) ->> 'username', '15550009999', 'The phone number');
update auth.users set phone = null
where id = tests.get_supabase_uid('ann');
select is(latchkey.introspect(tests.session_id('ann'), 0, tests.secret_hash('ann')) -> 'username', null, 'An anonymous user has none');

select * from finish();
rollback;
