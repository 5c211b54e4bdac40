-- Writing an event must not fail for the lack of a partition.
begin;
select plan(1);

select lives_ok(
  $$insert into latchkey.session_events (created_at, event, session_id, user_id) values
    ('2001-01-01', 'session_created', 'aaaaaaaa-0000-4000-8000-000000000001',
      'aaaaaaaa-0000-4000-8000-000000000000'),
    ('2101-01-01', 'session_created', 'aaaaaaaa-0000-4000-8000-000000000001',
      'aaaaaaaa-0000-4000-8000-000000000000')$$,
  'Long ago, and far ahead'
);

select * from finish();
rollback;
