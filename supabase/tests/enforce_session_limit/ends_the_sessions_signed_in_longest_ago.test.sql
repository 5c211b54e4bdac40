begin;
select plan(4);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days',
  sessions_per_user = null, at_session_limit = 'end_oldest', custom_access_token_hook = null;
insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('one'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('two'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
update latchkey.refresh_tokens set created_at = now() - interval '2 hours' where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';
update latchkey.refresh_tokens set created_at = now() - interval '3 hours' where session_id = 'aaaaaaaa-0000-4000-8000-000000000002';
update latchkey.settings set sessions_per_user = 2;

select is((latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000003', sha256('three'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)).outcome, 'created', 'The new one starts');
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, null),
      ('aaaaaaaa-0000-4000-8000-000000000002'::uuid, 'session_limit'),
      ('aaaaaaaa-0000-4000-8000-000000000003'::uuid, null)$$,
  'For the oldest sign-in'
);
select is_empty(
  $$select from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000002'$$, 'Auth forgets it too'
);
select isnt_empty(
  $$select from realtime.messages
    where topic = 'session:aaaaaaaa-0000-4000-8000-000000000002' and payload ->> 'reason' = 'session_limit'
      and payload ->> 'initiating_entity' = 'policy'$$,
  'Its device hears of it'
);

select * from finish();
rollback;
