begin;
select plan(5);

select tests.sign_in('ann', device) from generate_series(1, 4) device;

select tests.create_receivers();

update latchkey.receivers set enabled = false where audience = 'two';
select tests.end_session('ann', 1, 'reuse');

create temp table taken as select n from jsonb_array_elements(latchkey.take_notices(10, null)) n
where n ->> 'user_id' = tests.get_supabase_uid('ann')::text;
select results_eq(
  $$select n - 'id' - 'event_timestamp' from taken$$,
  $$values ('{
    "receiver_id": "cccccccc-0000-4000-8000-000000000001",
    "url": "https://one.example/events", "audience": "one",
    "session_id": "aaaaaaaa-0000-4000-8000-000000000001",
    "user_id": "aaaaaaaa-0000-4000-8000-000000000000",
    "reason": "reuse", "initiating_entity": "policy"
  }'::jsonb)$$,
  'With all that is needed to send it'
);
select is_empty(
  $$select from jsonb_array_elements(latchkey.take_notices(10, null)) n where n ->> 'user_id' = tests.get_supabase_uid('ann')::text$$,
  'Once'
);
update latchkey.outbox set due_at = now() where user_id = tests.get_supabase_uid('ann');
select results_eq(
  $$select n -> 'id' from jsonb_array_elements(latchkey.take_notices(10, null)) n
    where n ->> 'user_id' = tests.get_supabase_uid('ann')::text$$,
  $$select n -> 'id' from taken$$,
  'Again when it is due and nobody has settled it, under the same id'
);
update latchkey.receivers set enabled = true where audience = 'two';
select tests.end_session('ann', 2, 'admin');
update latchkey.receivers set enabled = false where audience = 'one';
select bag_eq(
  $$select n ->> 'audience' from jsonb_array_elements(latchkey.take_notices(10, null)) n
    where n ->> 'user_id' = tests.get_supabase_uid('ann')::text$$,
  $$values ('two')$$,
  'What waits for a receiver that is off waits on'
);
update latchkey.receivers set enabled = true;
update latchkey.outbox set due_at = now() where user_id = tests.get_supabase_uid('ann');
select bag_eq(
  $$select n ->> 'audience' from jsonb_array_elements(
      latchkey.take_notices(10, tests.session_id('cat'))
    ) n where n ->> 'user_id' = tests.get_supabase_uid('ann')::text$$,
  $$values ('one'), ('one')$$,
  'Or of one receiver'
);

select * from finish();
rollback;
