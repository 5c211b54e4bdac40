begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);

select results_eq(
  $$select event::text, user_id, reason::text, initiating_entity::text, ip, user_agent
    from latchkey.session_events where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  $$values ('session_created', 'aaaaaaaa-0000-4000-8000-000000000000'::uuid, null::text,
      'user', '192.0.2.1'::inet, 'Firefox')$$,
  'A sign-in is one event'
);
select is_empty(
  $$select from realtime.messages
    where topic in (
      'session:aaaaaaaa-0000-4000-8000-000000000001',
      'user:aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  'A sign-in is broadcast to nobody'
);

select * from finish();
rollback;
