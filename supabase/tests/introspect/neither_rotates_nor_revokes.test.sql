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
update latchkey.refresh_tokens set generation = 5, rotated_at = now() - interval '1 hour'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
create temp table before as select * from latchkey.refresh_tokens;

select is(latchkey.introspect('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop')), null, 'A stolen one is not active');
select results_eq(
  'select * from latchkey.refresh_tokens', 'select * from before', 'And nothing has changed'
);

select * from finish();
rollback;
