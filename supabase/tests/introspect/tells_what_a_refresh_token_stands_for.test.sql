begin;
select plan(1);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
update latchkey.refresh_tokens set
  rotated_at = '2026-01-02T00:00:00.9Z',
  expires_at = '2100-01-03T00:00:00Z', idle_expires_at = '2100-01-02T00:00:00.9Z'
where session_id = tests.session_id('ann');

select is(
  latchkey.introspect(tests.session_id('ann'), 0, tests.secret_hash('ann')),
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
