-- What SECURITY.md advises after a leak.
begin;
select plan(3);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated'),
  ('bbbbbbbb-0000-4000-8000-000000000000', 'bob@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000000'),
  ('bbbbbbbb-0000-4000-8000-000000000002', 'bbbbbbbb-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'bbbbbbbb-0000-4000-8000-000000000001', sha256('bob-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.2', 'Laptop', null
);
set local role postgres;

select cmp_ok(
  latchkey.end_sessions(array(select id from auth.sessions), 'admin', null, null, null), '>=', 3,
  'The owner of the database ends them all'
);
select is_empty('select from auth.sessions', 'Those that only Supabase Auth knew, too');
select set_eq(
  $$select session_id, reason::text, initiating_entity::text from latchkey.session_events
    where session_id in (
      'aaaaaaaa-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000001'
    ) and event <> 'session_created'$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'admin', 'admin'),
    ('bbbbbbbb-0000-4000-8000-000000000001', 'admin', 'admin')$$,
  'And the trail says that an administrator did it'
);

select * from finish();
rollback;
