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

update latchkey.refresh_tokens
set idle_expires_at = now() - interval '2 days', expires_at = now() - interval '1 day'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
select is(
  (latchkey.session_state(
    'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'
  )).reason,
  'idle', 'A session that was idle for too long has not lasted until its absolute end'
);

update latchkey.refresh_tokens
set idle_expires_at = now() - interval '1 day', expires_at = now() - interval '2 days'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
select is(
  (latchkey.session_state(
    'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'
  )).reason,
  'absolute', 'Nor was one idle that was over before'
);

update latchkey.refresh_tokens set idle_expires_at = expires_at
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
select is(
  (latchkey.session_state(
    'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'
  )).reason,
  'absolute', 'Of two ends at the same time, the absolute one counts'
);

select * from finish();
rollback;
