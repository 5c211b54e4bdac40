-- The header is the client's to choose: its length must not fail a sign-in.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');

select is(
  (latchkey.login(
    'aaaaaaaa-0000-4000-8000-000000000001', sha256('seed'), 'aal1', '[]', repeat('x', 513), null, null, null
  )).outcome,
  'created', 'A User-Agent of any length signs in'
);
select is(
  (select length(user_agent) from latchkey.refresh_tokens
   where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'),
  512, '512 characters of it are kept'
);

select * from finish();
rollback;
