begin;
select plan(2);

select tests.sign_in('ann');
select tests.end_session('ann', 1, 'user');
select tests.sign_in('ann', 2);
select tests.authenticate_as('ann', 2);
select set_config('realtime.topic', 'user:' || tests.get_supabase_uid('ann'), true);

select isnt_empty(
  $$select from realtime.messages where topic = 'user:' || tests.get_supabase_uid('ann')$$,
  'The other device reads the news'
);
select is_empty(
  $$update realtime.messages set payload = '{}'
    where topic = 'user:' || tests.get_supabase_uid('ann') returning id$$,
  'And changes nothing'
);
reset role;

select * from finish();
rollback;
