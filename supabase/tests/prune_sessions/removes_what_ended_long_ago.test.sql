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

update latchkey.refresh_tokens
set revoked_at = now() - interval '31 days', revoked_reason = 'admin' where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
update latchkey.refresh_tokens set expires_at = now() - interval '31 days' where session_id = 'aaaaaaaa-0000-4000-8000-000000000002';
update latchkey.refresh_tokens set idle_expires_at = now() - interval '31 days' where session_id = 'aaaaaaaa-0000-4000-8000-000000000003';

select is(latchkey.prune_sessions(), 3, 'Revoked, idle, and past its time');
select bag_eq(
  $$select session_id from latchkey.refresh_tokens where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000004'::uuid)$$,
  'What stands is left'
);
select bag_eq(
  $$select session_id, event::text from latchkey.session_events
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' and event <> 'session_created'$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'authn_token_revoked'), ('aaaaaaaa-0000-4000-8000-000000000002', 'session_expired'), ('aaaaaaaa-0000-4000-8000-000000000003', 'session_expired')$$,
  'The trail tells of each end once'
);

select * from finish();
rollback;
