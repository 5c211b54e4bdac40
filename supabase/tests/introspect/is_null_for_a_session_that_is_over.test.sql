begin;
select plan(5);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select is(latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('another')), null, 'Another seed');
select is(latchkey.introspect('cccccccc-0000-4000-8000-000000000001', 0, sha256('ann-laptop')), null, 'A session nobody knows');
update auth.users set banned_until = now() + interval '1 hour'
where id = 'aaaaaaaa-0000-4000-8000-000000000000';
select is(latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop')), null, 'A banned user''s');
update latchkey.refresh_tokens set revoked_at = null, revoked_reason = null
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
update auth.users set banned_until = null
where id = 'aaaaaaaa-0000-4000-8000-000000000000';
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000')
on conflict do nothing;
update latchkey.refresh_tokens set idle_expires_at = now()
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
select is(latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop')), null, 'One that has run out');
update latchkey.refresh_tokens set idle_expires_at = now() + interval '1 hour'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'user', null, null, null);
select is(latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop')), null, 'One that was revoked');

select * from finish();
rollback;
