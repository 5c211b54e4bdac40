begin;
select plan(1);

select tests.create_supabase_user('ann');
update auth.users set
  phone = '15550100', raw_app_meta_data = '{"provider": "email"}',
  raw_user_meta_data = '{"name": "Ann"}'
where id = tests.get_supabase_uid('ann');
select tests.sign_in('ann');

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
where t.session_id = tests.session_id('ann');

select * from finish();
rollback;
