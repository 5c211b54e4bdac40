-- The access token names both; they must belong together.
begin;
select plan(4);

insert into auth.users (id, email, aud, role) values
  ('bbbbbbbb-0000-4000-8000-000000000000', 'bob@pgtap.example', 'authenticated', 'authenticated'),
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('bbbbbbbb-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('bbbbbbbb-0000-4000-8000-000000000003', 'bbbbbbbb-0000-4000-8000-000000000000');
select latchkey.login(
  'bbbbbbbb-0000-4000-8000-000000000001', sha256('bob-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', '192.0.2.2', 'Phone', null
);
select latchkey.login('bbbbbbbb-0000-4000-8000-000000000003', sha256('seed'), 'aal1', '[]', null, null, null, null);
select latchkey.end_sessions(array['bbbbbbbb-0000-4000-8000-000000000003']::uuid[], 'banned', null, null, null);
insert into auth.sessions (id, user_id) values
  ('bbbbbbbb-0000-4000-8000-000000000004', 'bbbbbbbb-0000-4000-8000-000000000000');

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'A session nobody has'
);

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      'bbbbbbbb-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'A session of another user'
);
select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      'bbbbbbbb-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'One that was revoked: why is not for others to know'
);
select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      'bbbbbbbb-0000-4000-8000-000000000004', 'aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'One that only Supabase Auth knows'
);

select * from finish();
rollback;
