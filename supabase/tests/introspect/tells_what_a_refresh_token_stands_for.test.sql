begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
update latchkey.refresh_tokens set
  rotated_at = '2026-01-02T00:00:00.9Z',
  expires_at = '2100-01-03T00:00:00Z', idle_expires_at = '2100-01-02T00:00:00.9Z'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select is(
  latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop')),
  '{
    "sub": "aaaaaaaa-0000-4000-8000-000000000000",
    "session_id": "aaaaaaaa-0000-4000-8000-000000000001",
    "exp": 4102531200, "iat": 1767312000,
    "aal": "aal1", "role": "authenticated", "username": "ann@pgtap.example"
  }'::jsonb,
  'Whose it is, and until when: the nearer of both ends'
);

select * from finish();
rollback;
