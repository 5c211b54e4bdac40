-- The access token lives on; the session does not.
begin;
select plan(2);

select tests.sign_in('ann');
select tests.end_session('ann', 1, 'user');
insert into realtime.messages (topic, extension) values
  ('session:' || tests.session_id('ann'), 'broadcast'),
  ('user:' || tests.get_supabase_uid('ann'), 'broadcast');
select tests.authenticate_as('ann');

select set_config('realtime.topic', 'session:' || tests.session_id('ann'), true);
select is_empty(
  $$select from realtime.messages
    where topic = 'session:' || tests.session_id('ann') and extension = 'broadcast'$$,
  'The channel of the session'
);
select set_config('realtime.topic', 'user:' || tests.get_supabase_uid('ann'), true);
select is_empty(
  $$select from realtime.messages
    where topic = 'user:' || tests.get_supabase_uid('ann') and extension = 'broadcast'$$,
  'The channel of the user'
);
reset role;

select * from finish();
rollback;
