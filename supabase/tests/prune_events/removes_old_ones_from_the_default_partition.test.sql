begin;
select plan(2);

insert into latchkey.session_events (created_at, event, session_id, user_id) values
  ('2001-01-01', 'session_created', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('2001-01-02', 'session_created', 'aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  (now(), 'session_created', 'aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('2101-01-01', 'session_created', 'aaaaaaaa-0000-4000-8000-000000000004', 'aaaaaaaa-0000-4000-8000-000000000000');

select is(latchkey.prune_events(), 2, 'Two are older than a year');
select bag_eq(
  $$select session_id from latchkey.session_events where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000003'::uuid), ('aaaaaaaa-0000-4000-8000-000000000004')$$,
  'The others stay'
);

select * from finish();
rollback;
