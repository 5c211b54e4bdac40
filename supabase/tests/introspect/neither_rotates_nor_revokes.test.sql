begin;
select plan(2);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
update latchkey.refresh_tokens set generation = 5, rotated_at = now() - interval '1 hour'
where session_id = tests.session_id('ann');
create temp table before as select * from latchkey.refresh_tokens;

select is(latchkey.introspect(tests.session_id('ann'), 0, tests.secret_hash('ann')), null, 'A stolen one is not active');
select results_eq(
  'select * from latchkey.refresh_tokens', 'select * from before', 'And nothing has changed'
);

select * from finish();
rollback;
