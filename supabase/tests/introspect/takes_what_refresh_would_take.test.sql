begin;
select plan(5);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
update latchkey.refresh_tokens set generation = 5, rotated_at = now() - interval '10 seconds'
where session_id = tests.session_id('ann');

select isnt(latchkey.introspect(tests.session_id('ann'), 5, tests.secret_hash('ann')), null, 'The current one');
select isnt(latchkey.introspect(tests.session_id('ann'), 4, tests.secret_hash('ann')), null, 'One behind, within the interval');
select is(latchkey.introspect(tests.session_id('ann'), 3, tests.secret_hash('ann')), null, 'Two behind');
select isnt(latchkey.introspect(tests.session_id('ann'), 6, tests.secret_hash('ann')), null, 'One ahead: the database was restored');
update latchkey.refresh_tokens set rotated_at = now() - interval '10.1 seconds'
where session_id = tests.session_id('ann');
select is(latchkey.introspect(tests.session_id('ann'), 4, tests.secret_hash('ann')), null, 'One behind, after the interval');

select * from finish();
rollback;
