begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);

select is(
  (latchkey.refresh(
    'ffffffff-0000-4000-8000-00000000000f', 0, sha256('ann-laptop'), null, null
  )).outcome, 'unknown',
  'A session that never was is unknown'
);
select is(
  (latchkey.refresh(
    'aaaaaaaa-0000-4000-8000-000000000003', 0, sha256('ann-laptop'), null, null
  )).outcome, 'unknown',
  'So is one that only Supabase Auth has'
);

select * from finish();
rollback;
