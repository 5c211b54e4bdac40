begin;
select plan(2);

insert into latchkey.receivers (id, url, audience) values
  ('cccccccc-0000-4000-8000-000000000001', 'https://one.example/events', 'one'),
  ('cccccccc-0000-4000-8000-000000000002', 'https://two.example/events', 'two');

insert into latchkey.outbox
  (receiver_id, session_id, user_id, reason, initiating_entity, created_at, settled_at, outcome)
values
  ('cccccccc-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', 'user', 'user',
   now() - interval '40 days', now() - interval '31 days', 'delivered'),
  ('cccccccc-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000', 'user', 'user',
   now() - interval '40 days', now() - interval '29 days', 'given_up'),
  ('cccccccc-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000', 'user', 'user',
   now() - interval '40 days', null, null);

select is(latchkey.prune_notices(), 1, 'One');
select bag_eq(
  $$select session_id from latchkey.outbox where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000002'::uuid), ('aaaaaaaa-0000-4000-8000-000000000003')$$,
  'What was settled lately stays to be seen, and what waits is never removed'
);

select * from finish();
rollback;
