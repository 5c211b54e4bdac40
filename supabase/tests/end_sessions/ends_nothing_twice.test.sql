-- The first reason stays.
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
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'reuse', null, null, null);

create temp table before as
  select * from latchkey.refresh_tokens
  where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select is(
  latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'user', null, null, null),
  0, 'A session that is over is not ended again'
);
select results_eq(
  $$select * from latchkey.refresh_tokens
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'select * from before', 'Its time and reason stay'
);
select is(
  (select count(*) from latchkey.session_events
   where session_id = 'aaaaaaaa-0000-4000-8000-000000000001' and event <> 'session_created'),
  1::bigint, 'It is one event'
);

select * from finish();
rollback;
