begin;
select plan(1);

select tests.create_auth_session('ann');
update latchkey.settings set idle_timeout = '2 hours', absolute_timeout = '3 days';
select tests.login('ann');

select results_eq(
  $$select created_at, rotated_at, idle_expires_at, expires_at
    from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
  $$values (now(), now(), now() + interval '2 hours', now() + interval '3 days')$$,
  'Both ends count from the sign-in'
);

select * from finish();
rollback;
