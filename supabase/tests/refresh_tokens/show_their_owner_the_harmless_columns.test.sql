begin;
select plan(5);

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
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000002']::uuid[], 'user', null, null, null);
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
set local role authenticated;

select results_eq(
  'select session_id, revoked_reason::text from latchkey.refresh_tokens order by session_id',
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, null::text),
      ('aaaaaaaa-0000-4000-8000-000000000002', 'user')$$,
  'The own ones, ended ones too'
);
select throws_ok(
  'select secret_hash from latchkey.refresh_tokens', '42501', null, 'Not the hash'
);
select throws_ok(
  'select generation from latchkey.refresh_tokens', '42501', null, 'Not the generation'
);
select throws_ok(
  'select * from latchkey.refresh_tokens', '42501', null, 'Not everything'
);
select throws_ok(
  'select session_id from latchkey.refresh_tokens where secret_hash is not null',
  '42501', null, 'Not by a condition on the hash either'
);
reset role;

select * from finish();
rollback;
