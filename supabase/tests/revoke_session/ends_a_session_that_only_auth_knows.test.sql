begin;
select plan(2);

select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.authenticate_as('ann');

select is(latchkey.revoke_session(tests.session_id('ann', 3)::text), true, 'It did');
reset role;
select results_eq(
  $$select id from auth.sessions where user_id = tests.get_supabase_uid('ann')
    order by id$$,
  $$values (tests.session_id('ann'))$$,
  'It is gone'
);

select * from finish();
rollback;
