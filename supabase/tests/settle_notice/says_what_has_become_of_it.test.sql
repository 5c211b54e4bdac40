begin;
select plan(8);

select tests.sign_in('ann', device) from generate_series(1, 4) device;

select tests.create_receivers();

delete from latchkey.receivers where audience = 'two';
select latchkey.end_sessions(array[tests.session_id('ann'), tests.session_id('ann', 2), tests.session_id('ann', 3), tests.session_id('ann', 4)]::uuid[], 'admin', null, null, null);
select latchkey.take_notices(10, null);
update latchkey.outbox set created_at = now() - interval '73 hours' where session_id in (tests.session_id('ann'), tests.session_id('ann', 4));
create function pg_temp.notice(session uuid) returns uuid
language sql as 'select id from latchkey.outbox where session_id = $1';

select is(latchkey.settle_notice(pg_temp.notice(tests.session_id('ann')), 'delivered', '202'), 'delivered', 'Delivered');
select is(latchkey.settle_notice(pg_temp.notice(tests.session_id('ann', 2)), 'refused', '400 invalid_key'), 'refused', 'Refused');
select is(latchkey.settle_notice(pg_temp.notice(tests.session_id('ann', 3)), 'failed', '503'), 'failed', 'Failed for now');
select is(
  latchkey.settle_notice(pg_temp.notice(tests.session_id('ann', 4)), 'failed', repeat('x', 300)), 'given_up',
  'Given up after three days'
);
select results_eq(
  $$select outcome::text, last_answer, settled_at is not null from latchkey.outbox
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values ('delivered', '202', true), ('refused', '400 invalid_key', true),
    (null, '503', false), ('given_up', repeat('x', 200), true)$$,
  'All of it stays to be seen'
);
select is(
  latchkey.settle_notice(pg_temp.notice(tests.session_id('ann')), 'failed', '503'), null,
  'A late failure takes no success back'
);
update latchkey.outbox set due_at = now() where user_id = tests.get_supabase_uid('ann');
select results_eq(
  $$select n ->> 'session_id' from jsonb_array_elements(latchkey.take_notices(10, null)) n
    where n ->> 'user_id' = tests.get_supabase_uid('ann')::text$$,
  $$values (tests.session_id('ann', 3)::text)$$,
  'Only what failed is tried again'
);
select is(latchkey.settle_notice(gen_random_uuid(), 'delivered', '202'), null, 'An unknown one is none');

select * from finish();
rollback;
