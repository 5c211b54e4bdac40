begin;
select plan(3);

select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.create_auth_session('bob');
select tests.sign_in('ann');
select latchkey.login(
  tests.session_id('ann', 2), sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', null, null, null
);
select tests.login('bob');
update latchkey.refresh_tokens set
  created_at = '2026-01-01', rotated_at = '2026-01-02',
  expires_at = '2100-01-03', idle_expires_at = '2100-01-02'
where session_id = tests.session_id('ann');

select is(
  (latchkey.sessions(
    tests.session_id('ann'), tests.get_supabase_uid('ann')
  )).outcome,
  'active'
);
select results_eq(
  $$select s ->> 'session_id', s ->> 'device_name', s ->> 'user_agent', s ->> 'ip',
      (s ->> 'current')::boolean
    from jsonb_array_elements((latchkey.sessions(
      tests.session_id('ann'), tests.get_supabase_uid('ann')
    )).sessions) s$$,
  $$values
    (tests.session_id('ann', 2)::text, null, 'Safari', null, false),
    (tests.session_id('ann')::text, 'Laptop', 'Firefox', '192.0.2.1', true)$$,
  'The own ones that Latchkey manages, and which of them asks'
);
set local timezone = 'UTC';
select is(
  (latchkey.sessions(
    tests.session_id('ann'), tests.get_supabase_uid('ann')
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
