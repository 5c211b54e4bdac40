begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('ann-phone'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Safari', '192.0.2.2', 'Phone', null
);

select results_eq(
  $$select session_id, device_name from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' and revoked_at is null
    order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'Laptop'),
      ('aaaaaaaa-0000-4000-8000-000000000002'::uuid, 'Phone')$$,
  'A second sign-in ends nothing'
);

select * from finish();
rollback;
