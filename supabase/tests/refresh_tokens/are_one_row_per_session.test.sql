begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);

select throws_ok(
  $$insert into latchkey.refresh_tokens
      (session_id, user_id, secret_hash, expires_at, idle_expires_at)
    values ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', sha256('another'),
      now() + interval '1 day', now() + interval '1 day')$$,
  '23505', null, 'A second row of a session is refused'
);
select throws_ok(
  $$insert into latchkey.refresh_tokens
      (session_id, user_id, secret_hash, expires_at, idle_expires_at)
    values ('aaaaaaaa-0000-4000-8000-000000000002', 'ffffffff-0000-4000-8000-00000000000f', sha256('another'),
      now() + interval '1 day', now() + interval '1 day')$$,
  '23503', null, 'So is one of a user nobody knows'
);

select * from finish();
rollback;
