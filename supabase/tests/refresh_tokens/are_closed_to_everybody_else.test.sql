-- Not even the secret key reads the table.
begin;
select plan(3);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
grant latchkey_functions to current_user with set true;
grant usage on schema extensions to latchkey_functions;

set local role anon;
select throws_ok(
  'select session_id from latchkey.refresh_tokens', '42501', null, 'anon'
);
set local role service_role;
select throws_ok(
  'select session_id from latchkey.refresh_tokens', '42501', null, 'service_role'
);
set local role latchkey_functions;
select throws_ok(
  'select session_id from latchkey.refresh_tokens', '42501', null, 'latchkey_functions'
);
reset role;

select * from finish();
rollback;
