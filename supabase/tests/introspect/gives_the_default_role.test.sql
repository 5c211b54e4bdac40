begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', '');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('seed'), 'aal1', '[]', null, null, null, null
);

select is(
  latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('seed')) ->> 'role',
  'authenticated', 'As in the access token'
);

select * from finish();
rollback;
