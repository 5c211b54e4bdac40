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
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', '192.0.2.2', 'Phone', null
);
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000004', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(id, sha256('seed'), 'aal1', '[]', null, null, null, null)
from auth.sessions
where id in (
  'aaaaaaaa-0000-4000-8000-000000000003',
  'aaaaaaaa-0000-4000-8000-000000000004'
);
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000002']::uuid[], 'user', null, null, null);
update latchkey.refresh_tokens set expires_at = now()
where session_id = 'aaaaaaaa-0000-4000-8000-000000000003';
update latchkey.refresh_tokens set idle_expires_at = now()
where session_id = 'aaaaaaaa-0000-4000-8000-000000000004';
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
set local role authenticated;

select results_eq(
  'select session_id from latchkey.sessions',
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid)$$,
  'Neither a revoked one, nor one past its absolute or its idle end'
);
reset role;

select * from finish();
rollback;
