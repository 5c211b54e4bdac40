-- Verifiers want every claim to be there.
begin;
select plan(1);

select tests.sign_in('ann');
update auth.users set
  aud = '', role = '', email = null, phone = null,
  raw_app_meta_data = null, raw_user_meta_data = null
where id = tests.get_supabase_uid('ann');

select is(
  latchkey.claims(t, u, s, 'https://x/auth/v1', 'password') - '{iss,iat,exp,sub,aal,amr,session_id}'::text[],
  '{
    "aud": "authenticated", "role": "authenticated", "email": "", "phone": "",
    "app_metadata": {}, "user_metadata": {}, "is_anonymous": false
  }'::jsonb,
  'No claim is null'
)
from latchkey.refresh_tokens t join auth.users u on u.id = t.user_id, latchkey.settings s
where t.session_id = tests.session_id('ann');

select * from finish();
rollback;
