begin;
select plan(4);

do $$
begin
  execute 'drop table latchkey.session_events_' || to_char(now() at time zone 'UTC', 'YYYY_MM');
end
$$;
insert into latchkey.session_events (created_at, event, session_id, user_id) values
  (now(), 'session_created', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('2001-01-01', 'session_created', 'aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select bag_eq(
  $$select session_id from latchkey.session_events_default where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid), ('aaaaaaaa-0000-4000-8000-000000000002')$$,
  'Without a partition an event is written all the same'
);
select is(latchkey.prepare_partitions(), 1, 'The month that was missing is made');
select bag_eq(
  $$select session_id from latchkey.session_events_default where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000002'::uuid)$$,
  'The events of that month have moved there'
);
select bag_eq(
  $$select session_id from latchkey.session_events where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid), ('aaaaaaaa-0000-4000-8000-000000000002')$$,
  'None is lost'
);

select * from finish();
rollback;
