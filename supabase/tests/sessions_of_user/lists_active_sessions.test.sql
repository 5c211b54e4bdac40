begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated'),
  ('bbbbbbbb-0000-4000-8000-000000000000', 'bob@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000004', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000000');
select latchkey.login(s.id, sha256(s.id::text::bytea), 'aal1', '[]', null, null, null, null)
from auth.sessions s
where s.id::text ~ '^(aaaaaaaa-0000-4000-8000-00000000000[123]|bbbbbbbb)';
select latchkey.end_sessions(
  array['aaaaaaaa-0000-4000-8000-000000000002'::uuid], 'user', null, null, null
);

select results_eq(
  $$select id from unnest(latchkey.sessions_of_user(
      'aaaaaaaa-0000-4000-8000-000000000000', 'aaaaaaaa-0000-4000-8000-000000000003', 10
    )) id order by id$$,
  $$values
    ('aaaaaaaa-0000-4000-8000-000000000001'::uuid),
    ('aaaaaaaa-0000-4000-8000-000000000004')$$,
  'The user''s own, also if only Supabase Auth knows them, but not the ended or the excepted one'
);

select * from finish();
rollback;
