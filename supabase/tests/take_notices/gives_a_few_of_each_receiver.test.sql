begin;
select plan(2);

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

select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000003']::uuid[], 'admin', null, null, null);
delete from latchkey.outbox
where receiver_id = 'cccccccc-0000-4000-8000-000000000002' and session_id <> 'aaaaaaaa-0000-4000-8000-000000000001';

prepare taken as
  select n ->> 'audience', count(*) from jsonb_array_elements(latchkey.take_notices(2, null)) n
  where n ->> 'user_id' = 'aaaaaaaa-0000-4000-8000-000000000000' group by 1;
select bag_eq('taken', $$values ('one', 2::bigint), ('two', 1)$$, 'So that no queue delays another');
select bag_eq('taken', $$values ('one', 1::bigint)$$, 'Then the rest');

select * from finish();
rollback;
