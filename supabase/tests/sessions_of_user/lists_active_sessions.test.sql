begin;
select plan(1);
select tests.sign_in('ann', device) from generate_series(1, 3) device;
select tests.create_auth_session('ann', 4);
select tests.sign_in('bob');
select tests.end_session('ann', 2, 'user');

select results_eq(
  $$select id from unnest(latchkey.sessions_of_user(
      tests.get_supabase_uid('ann'), tests.session_id('ann', 3), 10
    )) id order by id$$,
  $$values (tests.session_id('ann')), (tests.session_id('ann', 4))$$,
  'those of the user, also if only Supabase Auth knows them, without ended ones and the exception'
);

select * from finish();
rollback;
