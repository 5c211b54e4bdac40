begin;
select plan(2);
select tests.create_receivers();

insert into latchkey.outbox
  (receiver_id, session_id, user_id, reason, initiating_entity, created_at, settled_at, outcome)
values
  (tests.session_id('cat'), tests.session_id('ann'), tests.get_supabase_uid('ann'), 'user', 'user',
   now() - interval '40 days', now() - interval '31 days', 'delivered'),
  (tests.session_id('cat'), tests.session_id('ann', 2), tests.get_supabase_uid('ann'), 'user', 'user',
   now() - interval '40 days', now() - interval '29 days', 'given_up'),
  (tests.session_id('cat'), tests.session_id('ann', 3), tests.get_supabase_uid('ann'), 'user', 'user',
   now() - interval '40 days', null, null);

select is(latchkey.prune_notices(), 1, 'one notice was settled more than 30 days ago');
select bag_eq(
  $$select session_id from latchkey.outbox where user_id = tests.get_supabase_uid('ann')$$,
  $$values (tests.session_id('ann', 2)), (tests.session_id('ann', 3))$$,
  'recently settled notices remain, and waiting ones are never deleted'
);

select * from finish();
rollback;
