-- A soft-deleted user keeps the row in auth.users.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
update auth.users set deleted_at = now() where id = 'aaaaaaaa-0000-4000-8000-000000000000';

select is(
  (latchkey.login(
    'aaaaaaaa-0000-4000-8000-000000000001', sha256('seed'), 'aal1', '[]', null, null, null, null
  )).outcome,
  'unknown', 'A deleted user has no sessions'
);
select is_empty(
  $$select from latchkey.refresh_tokens
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'It leaves no row'
);

select * from finish();
rollback;
