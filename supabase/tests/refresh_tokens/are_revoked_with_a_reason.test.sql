begin;
select plan(3);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);

select throws_ok(
  $$update latchkey.refresh_tokens set revoked_at = now()
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  '23514', null, 'An end has a reason'
);
select throws_ok(
  $$update latchkey.refresh_tokens set revoked_reason = 'user'
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  '23514', null, 'A reason is an end'
);
select throws_ok(
  $$update latchkey.refresh_tokens set revoked_at = now(), revoked_reason = 'because'
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  '22P02', null, 'The reason is one of the vocabulary'
);

select * from finish();
rollback;
