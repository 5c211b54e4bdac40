begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
update auth.users set
  phone = '15550100', raw_app_meta_data = '{"provider": "email"}',
  raw_user_meta_data = '{"name": "Ann"}'
where id = 'aaaaaaaa-0000-4000-8000-000000000000';
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);

select is(
  latchkey.claims(t, u, s, 'https://x/auth/v1', 'password') - '{iat,exp}'::text[],
  '{
    "iss": "https://x/auth/v1", "sub": "aaaaaaaa-0000-4000-8000-000000000000", "aud": "authenticated",
    "role": "authenticated", "email": "ann@pgtap.example", "phone": "15550100",
    "app_metadata": {"provider": "email"}, "user_metadata": {"name": "Ann"},
    "is_anonymous": false, "aal": "aal1",
    "amr": [{"method": "password", "timestamp": 1}],
    "session_id": "aaaaaaaa-0000-4000-8000-000000000001"
  }'::jsonb,
  'These claims and no others'
)
from latchkey.refresh_tokens t join auth.users u on u.id = t.user_id, latchkey.settings s
where t.session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select * from finish();
rollback;
