-- Presence would show who is there.
begin;
select plan(1);

select tests.sign_in('ann');
insert into realtime.messages (topic, extension) values
  ('user:' || tests.get_supabase_uid('ann'), 'presence'),
  ('user:' || tests.get_supabase_uid('ann'), 'broadcast');
select tests.authenticate_as('ann');
select set_config('realtime.topic', 'user:' || tests.get_supabase_uid('ann'), true);

select results_eq(
  $$select extension from realtime.messages
    where topic = 'user:' || tests.get_supabase_uid('ann')$$,
  $$values ('broadcast')$$,
  'No presence on the own channel'
);
reset role;

select * from finish();
rollback;
