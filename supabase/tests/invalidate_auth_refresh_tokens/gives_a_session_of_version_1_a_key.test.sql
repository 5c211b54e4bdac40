-- Without one Auth would verify no second factor.
begin;
select plan(1);

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

select matches(
  (select refresh_token_hmac_key from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000001'),
  '^[A-Za-z0-9_-]{43}$', '32 bytes in base64url, as Auth reads them'
);

select * from finish();
rollback;
