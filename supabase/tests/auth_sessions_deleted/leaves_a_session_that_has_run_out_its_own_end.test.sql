-- Auth deletes the rows of sessions that are over too.
begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000004', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  s.id, sha256(s.id::text::bytea), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)
from auth.sessions s where s.user_id = 'aaaaaaaa-0000-4000-8000-000000000000';

update latchkey.refresh_tokens set expires_at = now() where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
update latchkey.refresh_tokens set idle_expires_at = now() where session_id = 'aaaaaaaa-0000-4000-8000-000000000002';
delete from auth.sessions where user_id = 'aaaaaaaa-0000-4000-8000-000000000000';

select results_eq(
  $$select session_id, revoked_reason::text,
      (latchkey.session_state(session_id, user_id)).reason::text
    from latchkey.refresh_tokens where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, null, 'absolute'), ('aaaaaaaa-0000-4000-8000-000000000002', null, 'idle'),
    ('aaaaaaaa-0000-4000-8000-000000000003', 'signed_out', 'signed_out'), ('aaaaaaaa-0000-4000-8000-000000000004', 'signed_out', 'signed_out')$$,
  'It says that it has run out, and not that somebody signed out'
);

select * from finish();
rollback;
