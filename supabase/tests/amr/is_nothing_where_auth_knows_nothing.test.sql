-- With and without Auth's table of methods.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');

select is(
  latchkey.amr('aaaaaaaa-0000-4000-8000-000000000001'), null::jsonb, 'No method, no claim'
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('seed'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', null, null, null, null
);
select is(
  (latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('seed'), null, null)).claims -> 'amr',
  '[{"method": "password", "timestamp": 1}]'::jsonb, 'What the sign-in said stays'
);

select * from finish();
rollback;
