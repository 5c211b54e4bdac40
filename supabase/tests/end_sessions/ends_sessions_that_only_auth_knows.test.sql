begin;
select plan(2);

select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');

select is(
  latchkey.end_sessions(
    array[tests.session_id('ann'), tests.session_id('ann', 3)]::uuid[],
    'user', null, null, null
  ),
  2, 'Each session counts once, whoever manages it'
);
select is_empty(
  $$select from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
  'Neither has a row in Supabase Auth'
);

select * from finish();
rollback;
