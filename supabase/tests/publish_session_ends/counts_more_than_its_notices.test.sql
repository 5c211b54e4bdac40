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

alter table latchkey.outbox rename to outbox_away;

select is(
  latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'admin', null, null, null), 1,
  'A session ends though nobody else can be told'
);
select is(
  (select count(*) from realtime.messages where topic = 'session:aaaaaaaa-0000-4000-8000-000000000001'), 1::bigint,
  'And its device hears of it'
);

select * from finish();
rollback;
