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
update auth.users set banned_until = now() + interval '1 hour'
where id = 'aaaaaaaa-0000-4000-8000-000000000000';
update auth.users set banned_until = now() + interval '9 hours'
where id = 'aaaaaaaa-0000-4000-8000-000000000000';

select is(
  (select count(*) from latchkey.session_events
   where session_id = 'aaaaaaaa-0000-4000-8000-000000000001' and event <> 'session_created'),
  1::bigint, 'What is over does not end again'
);

select * from finish();
rollback;
