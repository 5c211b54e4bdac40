-- A bug of the caller, so it raises.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');

select throws_ok(
  $$select latchkey.login(
      'aaaaaaaa-0000-4000-8000-000000000001', 'a short hash', 'aal1', '[]', null, null, null, null
    )$$,
  '23514', null, 'A hash of another length is refused'
);
select throws_ok(
  $$select latchkey.login('aaaaaaaa-0000-4000-8000-000000000001', null, 'aal1', '[]', null, null, null, null)$$,
  '23502', null, 'No hash is refused'
);

select * from finish();
rollback;
