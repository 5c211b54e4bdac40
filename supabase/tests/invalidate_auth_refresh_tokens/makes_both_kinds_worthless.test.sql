begin;
select plan(2);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days',
  sessions_per_user = null, at_session_limit = 'end_oldest', custom_access_token_hook = null;
insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000');
update auth.sessions set refresh_token_hmac_key = 'key', refresh_token_counter = 7;
insert into auth.refresh_tokens (id, token, user_id, session_id, revoked, created_at, updated_at) values
  ('900000001', 'pgtapaaaaaaa', 'aaaaaaaa-0000-4000-8000-000000000000', 'aaaaaaaa-0000-4000-8000-000000000001', false, now(), now()),
  ('900000002', 'pgtapbbbbbbb', 'aaaaaaaa-0000-4000-8000-000000000000', 'aaaaaaaa-0000-4000-8000-000000000002', false, now(), now()),
  ('900000003', 'pgtapccccccc', 'aaaaaaaa-0000-4000-8000-000000000000', 'aaaaaaaa-0000-4000-8000-000000000001', true, now(), now());
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('seed'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);

select results_eq(
  $$select id, refresh_token_counter < 0, refresh_token_hmac_key from auth.sessions
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, true, 'key'), ('aaaaaaaa-0000-4000-8000-000000000002'::uuid, false, 'key')$$,
  'Version 2: every counter is ahead of Auth''s'
);
select results_eq(
  $$select token::text, revoked, updated_at < now() - interval '1 year' from auth.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by token$$,
  $$values ('pgtapaaaaaaa', true, true), ('pgtapbbbbbbb', false, false), ('pgtapccccccc', true, true)$$,
  'Version 1: revoked, longer ago than any reuse interval, also one that Auth had just replaced'
);

select * from finish();
rollback;
