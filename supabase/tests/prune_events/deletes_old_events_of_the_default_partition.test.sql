begin;
select plan(2);
insert into latchkey.session_events (created_at, event, session_id, user_id) values
  ('2001-01-01', 'session_created', tests.session_id('ann'), tests.get_supabase_uid('ann')),
  ('2001-01-02', 'session_created', tests.session_id('ann', 2), tests.get_supabase_uid('ann')),
  (now(), 'session_created', tests.session_id('ann', 3), tests.get_supabase_uid('ann')),
  ('2101-01-01', 'session_created', tests.session_id('ann', 4), tests.get_supabase_uid('ann'));

select is(latchkey.prune_events(), 2, 'two are older than events_kept');
select bag_eq(
  $$select session_id from latchkey.session_events where user_id = tests.get_supabase_uid('ann')$$,
  $$values (tests.session_id('ann', 3)), (tests.session_id('ann', 4))$$,
  'the others remain'
);

select * from finish();
rollback;
