-- Realtime asks with a row of the topic, inserted beforehand: who can read it may join.
begin;
select plan(2);

select tests.create_auth_session('ann', 3);
insert into realtime.messages (topic, extension) values
  ('session:' || tests.session_id('ann', 3), 'broadcast'),
  ('user:' || tests.get_supabase_uid('ann'), 'broadcast');
select tests.authenticate_as('ann', 3);

select set_config('realtime.topic', 'session:' || tests.session_id('ann', 3), true);
select isnt_empty(
  $$select from realtime.messages
    where topic = 'session:' || tests.session_id('ann', 3) and extension = 'broadcast'$$,
  'The channel of the session'
);
select set_config('realtime.topic', 'user:' || tests.get_supabase_uid('ann'), true);
select isnt_empty(
  $$select from realtime.messages
    where topic = 'user:' || tests.get_supabase_uid('ann') and extension = 'broadcast'$$,
  'The channel of the user'
);
reset role;

select * from finish();
rollback;
