-- On a connection of their own, or with the secret key through the Data API.
begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
create temp table answers (outcome text, generation integer);
grant insert on answers to latchkey_functions, service_role;
grant latchkey_functions to current_user with set true;

set local role latchkey_functions;
insert into answers select outcome::text, generation
from latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null);
set local role service_role;
insert into answers select outcome::text, generation
from latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 1, sha256('ann-laptop'), null, null);
reset role;
select results_eq(
  'select * from answers',
  $$values ('rotated', 1), ('rotated', 2)$$,
  'They need no right on any table'
);

select * from finish();
rollback;
