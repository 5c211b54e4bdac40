-- Supabase Auth marks the user, empties the password, then deletes the sessions.
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
update auth.users set deleted_at = now(), encrypted_password = ''
where id = 'aaaaaaaa-0000-4000-8000-000000000000';
delete from auth.sessions where user_id = 'aaaaaaaa-0000-4000-8000-000000000000';

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'user_deleted'),
    ('aaaaaaaa-0000-4000-8000-000000000002', 'user_deleted')$$,
  'Not signed_out, and not password_changed'
);

select * from finish();
rollback;
