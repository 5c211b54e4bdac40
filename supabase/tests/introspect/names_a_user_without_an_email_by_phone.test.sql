begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
update auth.users set email = null, phone = '15550009999'
where id = 'aaaaaaaa-0000-4000-8000-000000000000';
select is(latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop')) ->> 'username', '15550009999', 'The phone number');
update auth.users set phone = null
where id = 'aaaaaaaa-0000-4000-8000-000000000000';
select is(latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop')) -> 'username', null, 'An anonymous user has none');

select * from finish();
rollback;
