begin;
select plan(2);

select tests.sign_in('ann', device) from generate_series(1, 4) device;

select tests.create_receivers();

select latchkey.end_sessions(array[tests.session_id('ann'), tests.session_id('ann', 2), tests.session_id('ann', 3)]::uuid[], 'admin', null, null, null);
delete from latchkey.outbox
where receiver_id = tests.session_id('cat', 2) and session_id <> tests.session_id('ann');

prepare taken as
  select n ->> 'audience', count(*) from jsonb_array_elements(latchkey.take_notices(2, null)) n
  where n ->> 'user_id' = tests.get_supabase_uid('ann')::text group by 1;
select bag_eq('taken', $$values ('one', 2::bigint), ('two', 1)$$, 'So that no queue delays another');
select bag_eq('taken', $$values ('one', 1::bigint)$$, 'Then the rest');

select * from finish();
rollback;
