-- Without the row here, a row of Auth's would look like a session that Latchkey never managed.
begin;
select plan(3);

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

update latchkey.refresh_tokens set idle_expires_at = now() - interval '31 days' where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
alter table latchkey.refresh_tokens disable trigger session_revoked;
update latchkey.refresh_tokens
set revoked_at = now() - interval '31 days', revoked_reason = 'admin' where session_id = 'aaaaaaaa-0000-4000-8000-000000000002';
alter table latchkey.refresh_tokens enable trigger session_revoked;
select is(
  (select count(*) from auth.sessions where id in ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002')), 2::bigint, 'Auth has kept both'
);
select latchkey.prune_sessions();

select is_empty($$select from auth.sessions where id in ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002')$$, 'Now it has neither');
set local request.jwt.claims = '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "session_id": "aaaaaaaa-0000-4000-8000-000000000002"}';
select is(latchkey.session_active(), false, 'And none of them stands again');

select * from finish();
rollback;
