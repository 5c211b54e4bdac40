begin;
select plan(2);

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

update latchkey.refresh_tokens
set revoked_at = now() - interval '29 days', revoked_reason = 'admin' where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
update latchkey.refresh_tokens set expires_at = now() - interval '29 days' where session_id = 'aaaaaaaa-0000-4000-8000-000000000002';
update latchkey.refresh_tokens set idle_expires_at = now() - interval '29 days' where session_id = 'aaaaaaaa-0000-4000-8000-000000000003';

select is(latchkey.prune_sessions(), 0, 'It can still say why it ended');
update latchkey.settings set ended_sessions_kept = interval '28 days';
select is(latchkey.prune_sessions(), 3, 'A new setting counts at once');

select * from finish();
rollback;
