begin;
select plan(4);
do $$
begin
  execute 'drop table latchkey.session_events_' || to_char(now() at time zone 'UTC', 'YYYY_MM');
end
$$;
insert into latchkey.session_events (created_at, event, session_id, user_id) values
  (now(), 'session_created', tests.session_id('ann'), tests.get_supabase_uid('ann')),
  ('2001-01-01', 'session_created', tests.session_id('ann', 2), tests.get_supabase_uid('ann'));
select bag_eq(
  $$select session_id from latchkey.session_events_default where user_id = tests.get_supabase_uid('ann')$$,
  $$values (tests.session_id('ann')), (tests.session_id('ann', 2))$$,
  'without a partition of its month an event is stored in the default partition'
);
select is(latchkey.prepare_partitions(), 1, 'the missing month is created');
select bag_eq(
  $$select session_id from latchkey.session_events_default where user_id = tests.get_supabase_uid('ann')$$,
  $$values (tests.session_id('ann', 2))$$,
  'the events of that month have moved there'
);
select bag_eq(
  $$select session_id from latchkey.session_events where user_id = tests.get_supabase_uid('ann')$$,
  $$values (tests.session_id('ann')), (tests.session_id('ann', 2))$$,
  'no event is lost'
);

select * from finish();
rollback;
