begin;
select plan(5);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
set local role authenticated;

select throws_ok(
  $$update latchkey.refresh_tokens set device_name = 'Mine'$$, '42501', null, 'Not changed'
);
select throws_ok(
  $$update latchkey.refresh_tokens set revoked_at = now(), revoked_reason = 'user'$$,
  '42501', null, 'Not revoked'
);
select throws_ok(
  'delete from latchkey.refresh_tokens', '42501', null, 'Not deleted'
);
select throws_ok(
  $$insert into latchkey.refresh_tokens (session_id) values ('aaaaaaaa-0000-4000-8000-000000000002')$$,
  '42501', null, 'Not added to'
);
reset role;
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, null::text)$$,
  'The session is as it was'
);

select * from finish();
rollback;
