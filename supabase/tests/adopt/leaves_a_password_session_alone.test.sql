begin;
select plan(2);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days',
  sessions_per_user = null, at_session_limit = 'end_oldest', custom_access_token_hook = null;
insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('seed'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
create temp table answer as select * from latchkey.adopt(
  'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', sha256('another'),
  decode(repeat('00', 17), 'hex'), 'aal1', '[{"method": "otp", "timestamp": 1}]',
  'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1', null
);

select results_eq(
  'select outcome::text, generation, claims, adoption_nonce from answer',
  $$values ('managed', null::integer, null::jsonb, null::bytea)$$,
  'Its access token becomes no refresh token'
);
select is(
  (latchkey.refresh('aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('seed'), null, null)).outcome,
  'rotated', 'It goes on'
);

select * from finish();
rollback;
