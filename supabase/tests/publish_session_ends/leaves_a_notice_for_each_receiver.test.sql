begin;
select plan(3);

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

insert into latchkey.receivers (url, audience, enabled) values ('https://off.example/', 'off', false);

select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'admin', null, null, null);
delete from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000002';
select bag_eq(
  $$select r.audience, o.session_id, o.user_id, o.reason::text, o.initiating_entity::text
    from latchkey.outbox o join latchkey.receivers r on r.id = o.receiver_id
    where o.user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  $$values ('one', 'aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'aaaaaaaa-0000-4000-8000-000000000000'::uuid, 'admin', 'admin'),
    ('two', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', 'admin', 'admin'),
    ('one', 'aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000', 'signed_out', 'user'),
    ('two', 'aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000', 'signed_out', 'user')$$,
  'One each, whoever ended the session; none for a receiver that is off'
);
select is_empty(
  $$select from latchkey.outbox
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' and (settled_at is not null or due_at > clock_timestamp())$$,
  'They are due'
);
update latchkey.refresh_tokens set expires_at = now() where session_id = 'aaaaaaaa-0000-4000-8000-000000000003';
delete from latchkey.refresh_tokens where session_id = 'aaaaaaaa-0000-4000-8000-000000000003';
select is_empty(
  $$select from latchkey.outbox where session_id = 'aaaaaaaa-0000-4000-8000-000000000003'$$,
  'A session that ran out was not revoked'
);

select * from finish();
rollback;
