begin;
select plan(5);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000004', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  s.id, sha256(s.id::text::bytea), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)
from auth.sessions s where s.user_id = 'aaaaaaaa-0000-4000-8000-000000000000';

insert into latchkey.receivers (id, url, audience) values
  ('cccccccc-0000-4000-8000-000000000001', 'https://one.example/events', 'one'),
  ('cccccccc-0000-4000-8000-000000000002', 'https://two.example/events', 'two');

update latchkey.receivers set enabled = false where audience = 'two';
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'reuse', null, null, null);

create temp table taken as select n from jsonb_array_elements(latchkey.take_notices(10, null)) n
where n ->> 'user_id' = 'aaaaaaaa-0000-4000-8000-000000000000';
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
  $$select from jsonb_array_elements(latchkey.take_notices(10, null)) n where n ->> 'user_id' = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  'Once'
);
update latchkey.outbox set due_at = now() where user_id = 'aaaaaaaa-0000-4000-8000-000000000000';
select results_eq(
  $$select n -> 'id' from jsonb_array_elements(latchkey.take_notices(10, null)) n
    where n ->> 'user_id' = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  $$select n -> 'id' from taken$$,
  'Again when it is due and nobody has settled it, under the same id'
);
update latchkey.receivers set enabled = true where audience = 'two';
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000002']::uuid[], 'admin', null, null, null);
update latchkey.receivers set enabled = false where audience = 'one';
select bag_eq(
  $$select n ->> 'audience' from jsonb_array_elements(latchkey.take_notices(10, null)) n
    where n ->> 'user_id' = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  $$values ('two')$$,
  'What waits for a receiver that is off waits on'
);
update latchkey.receivers set enabled = true;
update latchkey.outbox set due_at = now() where user_id = 'aaaaaaaa-0000-4000-8000-000000000000';
select bag_eq(
  $$select n ->> 'audience' from jsonb_array_elements(
      latchkey.take_notices(10, 'cccccccc-0000-4000-8000-000000000001')
    ) n where n ->> 'user_id' = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  $$values ('one'), ('one')$$,
  'Or of one receiver'
);

select * from finish();
rollback;
