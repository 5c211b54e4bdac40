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

set local role anon;
select throws_ok(
  'select from latchkey.session_events', '42501', null, 'Somebody who is not signed in'
);
set local role service_role;
select throws_ok(
  'select from latchkey.session_events', '42501', null, 'The secret key'
);
set local role authenticated;
select is_empty('select from latchkey.session_events', 'A token without claims');
reset role;

select * from finish();
rollback;
