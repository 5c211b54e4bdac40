begin;
select plan(6);

select tests.sign_in('ann');
update auth.users set
  email = 'ann.new@pgtap.example', role = 'editor', phone = '15550100',
  raw_app_meta_data = '{"plan": "gold"}', raw_user_meta_data = '{"name": "Ann"}'
where id = tests.get_supabase_uid('ann');
create temp table answer as select *
from tests.refresh('ann', 0);

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
