begin;
select plan(6);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
update auth.users set
  email = 'ann.new@pgtap.example', role = 'editor', phone = '15550100',
  raw_app_meta_data = '{"plan": "gold"}', raw_user_meta_data = '{"name": "Ann"}'
where id = 'aaaaaaaa-0000-4000-8000-000000000000';
create temp table answer as select *
from latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null);

select is((select claims ->> 'email' from answer), 'ann.new@pgtap.example', 'Email');
select is((select claims ->> 'role' from answer), 'editor', 'Role');
select is((select claims ->> 'phone' from answer), '15550100', 'Phone');
select is((select claims -> 'app_metadata' from answer), '{"plan": "gold"}', 'App metadata');
select is((select claims -> 'user_metadata' from answer), '{"name": "Ann"}', 'User metadata');
select is(
  (select user_data ->> 'email' from answer),
  'ann.new@pgtap.example', 'The user that comes along is the same'
);

select * from finish();
rollback;
