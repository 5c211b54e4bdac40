begin;
select plan(4);

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

select latchkey.revoke('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', null, null, 'aaaaaaaa-0000-4000-8000-000000000002', '198.51.100.1');
select latchkey.revoke_by_admin(null, 'aaaaaaaa-0000-4000-8000-000000000003', 'admin', '198.51.100.2');
update latchkey.refresh_tokens
set generation = 5, rotated_at = now() - interval '1 hour'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000004';
select latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000004', 3, sha256('aaaaaaaa-0000-4000-8000-000000000004'), null, '198.51.100.3');

prepare actors as
  select reason::text, actor_session_id, host(actor_ip), host(ip) from latchkey.session_events
  where session_id = $1 and event <> 'session_created';
select results_eq(
  $$execute actors ('aaaaaaaa-0000-4000-8000-000000000002')$$,
  $$values ('user', 'aaaaaaaa-0000-4000-8000-000000000001'::uuid, '198.51.100.1', '192.0.2.1')$$,
  'The session that ended another, and where it asked from, beside the address of the sign-in'
);
select results_eq(
  $$execute actors ('aaaaaaaa-0000-4000-8000-000000000003')$$,
  $$values ('admin', null::uuid, '198.51.100.2', '192.0.2.1')$$,
  'An administrator has an address and no session'
);
select results_eq(
  $$execute actors ('aaaaaaaa-0000-4000-8000-000000000004')$$,
  $$values ('reuse', 'aaaaaaaa-0000-4000-8000-000000000004'::uuid, '198.51.100.3', '192.0.2.1')$$,
  'Where an old token came from'
);
delete from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000001';
select results_eq(
  $$execute actors ('aaaaaaaa-0000-4000-8000-000000000001')$$,
  $$values ('signed_out', null::uuid, null::text, '192.0.2.1')$$,
  'What Supabase Auth does names nobody'
);
select * from finish();
rollback;
