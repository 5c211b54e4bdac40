-- Verifiers want every claim to be there.
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
update auth.users set
  aud = '', role = '', email = null, phone = null,
  raw_app_meta_data = null, raw_user_meta_data = null
where id = 'aaaaaaaa-0000-4000-8000-000000000000';

select is(
  latchkey.claims(t, u, s, 'https://x/auth/v1', 'password') - '{iss,iat,exp,sub,aal,amr,session_id}'::text[],
  '{
    "aud": "authenticated", "role": "authenticated", "email": "", "phone": "",
    "app_metadata": {}, "user_metadata": {}, "is_anonymous": false
  }'::jsonb,
  'No claim is null'
)
from latchkey.refresh_tokens t join auth.users u on u.id = t.user_id, latchkey.settings s
where t.session_id = 'aaaaaaaa-0000-4000-8000-000000000001';

select * from finish();
rollback;
