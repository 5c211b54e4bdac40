begin;
select plan(5);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
update latchkey.refresh_tokens set generation = 5, rotated_at = now() - interval '10 seconds'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select isnt(latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 5, sha256('ann-laptop')), null, 'The current one');
select isnt(latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 4, sha256('ann-laptop')), null, 'One behind, within the interval');
select is(latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 3, sha256('ann-laptop')), null, 'Two behind');
select isnt(latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 6, sha256('ann-laptop')), null, 'One ahead: the database was restored');
update latchkey.refresh_tokens set rotated_at = now() - interval '10.1 seconds'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
select is(latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 4, sha256('ann-laptop')), null, 'One behind, after the interval');

select * from finish();
rollback;
