-- As supabase-js reads it: select * works, for every column is harmless.
begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated'),
  ('bbbbbbbb-0000-4000-8000-000000000000', 'bob@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', '192.0.2.2', 'Phone', null
);
select latchkey.login(
  'bbbbbbbb-0000-4000-8000-000000000001', sha256('bob-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
update latchkey.refresh_tokens set
  created_at = '2026-01-01T00:00:00Z', rotated_at = '2026-02-01T00:00:00Z',
  expires_at = '2126-01-01T00:00:00Z', idle_expires_at = '2125-01-01T00:00:00Z'
where user_id = 'aaaaaaaa-0000-4000-8000-000000000000';
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
set local role authenticated;

select results_eq(
  'select * from latchkey.sessions order by session_id',
  $$values
    ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'aaaaaaaa-0000-4000-8000-000000000000'::uuid,
      '2026-01-01T00:00:00Z'::timestamptz, '2026-02-01T00:00:00Z'::timestamptz,
      '2125-01-01T00:00:00Z'::timestamptz, 'aal1',
      'Firefox', '192.0.2.1'::inet, 'Laptop', true),
    ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000',
      '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z',
      '2125-01-01T00:00:00Z', 'aal1',
      'Safari', '192.0.2.2', 'Phone', false)$$,
  'The own ones, with the calling one marked, and none of another user'
);
reset role;

select * from finish();
rollback;
