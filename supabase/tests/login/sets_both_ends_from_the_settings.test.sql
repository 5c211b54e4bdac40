begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
update latchkey.settings set idle_timeout = '2 hours', absolute_timeout = '3 days';
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);

select results_eq(
  $$select created_at, rotated_at, idle_expires_at, expires_at
    from latchkey.refresh_tokens where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  $$values (now(), now(), now() + interval '2 hours', now() + interval '3 days')$$,
  'Both ends count from the sign-in'
);

select * from finish();
rollback;
