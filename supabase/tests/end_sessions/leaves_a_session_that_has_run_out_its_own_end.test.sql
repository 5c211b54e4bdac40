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

update latchkey.refresh_tokens set expires_at = now() where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
update latchkey.refresh_tokens set idle_expires_at = now() where session_id = 'aaaaaaaa-0000-4000-8000-000000000002';

select is(
  latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000003']::uuid[], 'admin', null, null, null), 1, 'One still stood'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, null), ('aaaaaaaa-0000-4000-8000-000000000002', null), ('aaaaaaaa-0000-4000-8000-000000000003', 'admin'), ('aaaaaaaa-0000-4000-8000-000000000004', null)$$,
  'Only that one is revoked'
);
select bag_eq(
  $$select id from auth.sessions where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'$$, $$values ('aaaaaaaa-0000-4000-8000-000000000004'::uuid)$$,
  'Supabase Auth keeps none of them'
);
select is_empty(
  $$select from latchkey.session_events
    where session_id in ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002') and event <> 'session_created'$$,
  'Nor is there an event of an end that was none'
);

select * from finish();
rollback;
