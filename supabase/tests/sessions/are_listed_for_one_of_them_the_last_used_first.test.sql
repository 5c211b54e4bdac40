begin;
select plan(3);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated'),
  ('bbbbbbbb-0000-4000-8000-000000000000', 'bob@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', null, null, null
);
select latchkey.login(
  'bbbbbbbb-0000-4000-8000-000000000001', sha256('bob-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
update latchkey.refresh_tokens set
  created_at = '2026-01-01', rotated_at = '2026-01-02',
  expires_at = '2100-01-03', idle_expires_at = '2100-01-02'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select is(
  (latchkey.sessions(
    'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'
  )).outcome,
  'active'
);
select results_eq(
  $$select s ->> 'session_id', s ->> 'device_name', s ->> 'user_agent', s ->> 'ip',
      (s ->> 'current')::boolean
    from jsonb_array_elements((latchkey.sessions(
      'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'
    )).sessions) s$$,
  $$values
    ('aaaaaaaa-0000-4000-8000-000000000002', null, 'Safari', null, false),
    ('aaaaaaaa-0000-4000-8000-000000000001', 'Laptop', 'Firefox', '192.0.2.1', true)$$,
  'The own ones that Latchkey manages, and which of them asks'
);
set local timezone = 'UTC';
select is(
  (latchkey.sessions(
    'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'
  )).sessions -> 1,
  '{
    "session_id": "aaaaaaaa-0000-4000-8000-000000000001",
    "created_at": "2026-01-01T00:00:00+00:00",
    "last_used_at": "2026-01-02T00:00:00+00:00",
    "expires_at": "2100-01-02T00:00:00+00:00",
    "user_agent": "Firefox", "ip": "192.0.2.1", "device_name": "Laptop", "current": true
  }'::jsonb,
  'These fields and no others; the nearer of both ends'
);

select * from finish();
rollback;
