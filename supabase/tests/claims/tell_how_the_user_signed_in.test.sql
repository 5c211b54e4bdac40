-- Of this session, not of the user: two devices may differ.
begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('seed'), 'aal2',
  '[{"method": "totp", "timestamp": 2}, {"method": "password", "timestamp": 1}]',
  null, null, null, null
);

select results_eq(
  $$select c ->> 'aal', c -> 'amr'
    from latchkey.refresh_tokens t join auth.users u on u.id = t.user_id, latchkey.settings s,
      latchkey.claims(t, u, s, 'https://x/auth/v1', 'password') c
    where t.session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  $$values ('aal2',
      '[{"method": "totp", "timestamp": 2}, {"method": "password", "timestamp": 1}]'::jsonb)$$,
  'Assurance level and methods'
);

select * from finish();
rollback;
