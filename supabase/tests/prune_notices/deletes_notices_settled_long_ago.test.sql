begin;
select plan(2);
select tests.create_receivers();

insert into latchkey.outbox (receiver_id, payload, created_at, settled_at, outcome)
values
  (tests.session_id('cat'), '1', now() - interval '40 days', now() - interval '31 days', 'delivered'),
  (tests.session_id('cat'), '2', now() - interval '40 days', now() - interval '29 days', 'given_up'),
  (tests.session_id('cat'), '3', now() - interval '40 days', null, null);

select is(latchkey.prune_notices(), 1, 'one notice was settled more than 30 days ago');
select bag_eq(
  $$select payload::text from latchkey.outbox where receiver_id = tests.session_id('cat')$$,
  array['2', '3'],
  'recently settled notices remain, and waiting ones are never deleted'
);

select * from finish();
rollback;
