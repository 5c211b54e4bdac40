-- The last second of a session is no whole second.
begin;
select plan(1);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
update latchkey.refresh_tokens set expires_at = now() + interval '61 seconds' - interval '1 millisecond'
where session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select ok(
  to_timestamp((latchkey.claims(t, u, s, 'https://x/auth/v1', 'password') ->> 'exp')::bigint)
    between t.expires_at - interval '1 second' and t.expires_at,
  'The access token ends within the second before'
)
from latchkey.refresh_tokens t join auth.users u on u.id = t.user_id, latchkey.settings s
where t.session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select * from finish();
rollback;
