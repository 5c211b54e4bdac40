-- So that the endpoints of Supabase Auth refuse its tokens too.
begin;
select plan(1);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.end_session('ann');

select results_eq(
  $$select id from auth.sessions where user_id = tests.get_supabase_uid('ann')
    order by id$$,
  $$values (tests.session_id('ann', 2))$$,
  'The ended session is gone, the other one is not'
);

select * from finish();
rollback;
