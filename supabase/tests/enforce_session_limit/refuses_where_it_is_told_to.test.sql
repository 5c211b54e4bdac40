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
update latchkey.settings set sessions_per_user = 1, at_session_limit = 'refuse';

select results_eq(
  $$select outcome::text, reason::text, claims from latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000002', sha256('two'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)$$,
  $$values ('refused', 'session_limit', null::jsonb)$$, 'A sign-in'
);
select is_empty(
  $$select from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000002'$$,
  'Auth''s session of it goes with it'
);
select results_eq(
  $$select outcome::text, reason::text from latchkey.adopt(
  'aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000', sha256('seed'),
  decode(repeat('00', 17), 'hex'), 'aal1', '[{"method": "otp", "timestamp": 1}]',
  'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1', null
)$$,
  $$values ('refused', 'session_limit')$$, 'An adoption'
);
select isnt_empty(
  $$select from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000003'$$, 'Of a session that was there before'
);

select * from finish();
rollback;
