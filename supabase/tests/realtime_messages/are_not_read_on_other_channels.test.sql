-- Realtime asks with a row of the topic, inserted beforehand: who can read it may join.
begin;
select plan(5);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');
insert into realtime.messages (topic, extension) values
  ('session:' || tests.session_id('bob'), 'broadcast'),
  ('user:' || tests.get_supabase_uid('bob'), 'broadcast'),
  ('session:' || tests.session_id('ann', 2), 'broadcast'),
  ('session:', 'broadcast'),
  ('room:aaaaaaaa-0000-4000-8000-000000000000', 'broadcast');
select tests.authenticate_as('ann');

select set_config('realtime.topic', 'session:' || tests.session_id('bob'), true);
select is_empty(
  $$select from realtime.messages
    where topic = 'session:' || tests.session_id('bob') and extension = 'broadcast'$$,
  'The session of another user'
);
select set_config('realtime.topic', 'user:' || tests.get_supabase_uid('bob'), true);
select is_empty(
  $$select from realtime.messages
    where topic = 'user:' || tests.get_supabase_uid('bob') and extension = 'broadcast'$$,
  'Another user'
);
select set_config('realtime.topic', 'session:' || tests.session_id('ann', 2), true);
select is_empty(
  $$select from realtime.messages
    where topic = 'session:' || tests.session_id('ann', 2) and extension = 'broadcast'$$,
  'Another session of the same user'
);
set local realtime.topic = 'session:';
select is_empty(
  $$select from realtime.messages where topic = 'session:' and extension = 'broadcast'$$,
  'No session'
);
set local realtime.topic = 'room:aaaaaaaa-0000-4000-8000-000000000000';
select is_empty(
  $$select from realtime.messages
    where topic = 'room:aaaaaaaa-0000-4000-8000-000000000000' and extension = 'broadcast'$$,
  'Any other channel'
);
reset role;

select * from finish();
rollback;
