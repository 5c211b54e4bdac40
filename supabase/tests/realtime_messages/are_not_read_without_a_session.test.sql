-- Realtime asks with a row of the topic, inserted beforehand: who can read it may join.
begin;
select plan(2);

select tests.create_supabase_user('ann');
insert into realtime.messages (topic, extension) values
  ('user:' || tests.get_supabase_uid('ann'), 'broadcast'),
  ('session:', 'broadcast');
set local role anon;

select set_config('realtime.topic', 'user:' || tests.get_supabase_uid('ann'), true);
select is_empty(
  $$select from realtime.messages
    where topic = 'user:' || tests.get_supabase_uid('ann') and extension = 'broadcast'$$,
  'Somebody who is not signed in'
);
set local realtime.topic = 'session:';
select is_empty(
  $$select from realtime.messages where topic = 'session:' and extension = 'broadcast'$$,
  'On no channel'
);
reset role;

select * from finish();
rollback;
