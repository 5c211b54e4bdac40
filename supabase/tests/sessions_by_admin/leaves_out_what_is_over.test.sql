begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', null, null, null
);
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'admin', null, null, null);
update latchkey.refresh_tokens set idle_expires_at = now()
where session_id = 'aaaaaaaa-0000-4000-8000-000000000002';

select is(
  latchkey.sessions_by_admin('aaaaaaaa-0000-4000-8000-000000000000'), '[]',
  'Neither a revoked one nor one that has run out'
);
select is(
  latchkey.sessions_by_admin('cccccccc-0000-4000-8000-000000000000'), '[]',
  'A user nobody knows has none'
);

select * from finish();
rollback;
