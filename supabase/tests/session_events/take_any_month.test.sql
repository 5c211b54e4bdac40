-- Writing an event must not fail for the lack of a partition.
begin;
select plan(1);

select lives_ok(
  $$insert into latchkey.session_events (created_at, event, session_id, user_id) values
    ('2001-01-01', 'session_created', tests.session_id('ann'),
      tests.get_supabase_uid('ann')),
    ('2101-01-01', 'session_created', tests.session_id('ann'),
      tests.get_supabase_uid('ann'))$$,
  'Long ago, and far ahead'
);

select * from finish();
rollback;
