begin;
select plan(9);
select tests.reset_settings();
select tests.create_supabase_user('ann');
update auth.users set
  phone = '15550100', raw_app_meta_data = '{"provider": "email"}',
  raw_user_meta_data = '{"name": "Ann"}'
where id = tests.get_supabase_uid('ann');
select tests.sign_in('ann');

create function pg_temp.claims() returns jsonb language sql as $$
  select latchkey.claims(t, u, s, 'https://x/auth/v1', 'password')
  from latchkey.refresh_tokens t join auth.users u on u.id = t.user_id, latchkey.settings s
  where t.session_id = tests.session_id('ann');
$$;

select is(
  pg_temp.claims() - '{iat,exp}'::text[],
  '{
    "iss": "https://x/auth/v1", "sub": "aaaaaaaa-0000-4000-8000-000000000000", "aud": "authenticated",
    "role": "authenticated", "email": "ann@pgtap.example", "phone": "15550100",
    "app_metadata": {"provider": "email"}, "user_metadata": {"name": "Ann"},
    "is_anonymous": false, "aal": "aal1",
    "amr": [{"method": "password", "timestamp": 1}],
    "session_id": "aaaaaaaa-0000-4000-8000-000000000001"
  }'::jsonb,
  'an access token has these claims'
);

select is(tests.after(change, format('select %s from pg_temp.claims() c', claim)), expected, name)
from (values
  ('what a user lacks is empty instead of null, because verifiers require every claim',
    $$update auth.users set aud = '', role = '', email = null, phone = null,
        raw_app_meta_data = null, raw_user_meta_data = null
      where id = tests.get_supabase_uid('ann')$$,
    $$c - '{iss,iat,exp,sub,aal,amr,session_id,is_anonymous}'::text[]$$,
    '{"aud": "authenticated", "role": "authenticated", "email": "", "phone": "",
      "app_metadata": {}, "user_metadata": {}}'::jsonb::text),
  ('an anonymous user is marked, for policies that exclude them',
    $$update auth.users set is_anonymous = true, email = null
      where id = tests.get_supabase_uid('ann')$$,
    $$c ->> 'is_anonymous'$$, 'true'),
  ('aal is the session''s, not the user''s',
    $$update latchkey.refresh_tokens set aal = 'aal2' where session_id = tests.session_id('ann');
      select tests.sign_in('ann', 2)$$, $$c ->> 'aal'$$, 'aal2'),
  ('amr is the session''s, not the user''s',
    $$update latchkey.refresh_tokens set amr = '["totp", "password"]'
      where session_id = tests.session_id('ann');
      select tests.sign_in('ann', 2)$$, $$c ->> 'amr'$$, '["totp", "password"]'),
  ('exp follows access_token_seconds', 'update latchkey.settings set access_token_seconds = 1234',
    'latchkey.access_token_seconds(c)', '1234'),
  ('exp is not after the absolute expiry', $$select tests.expire('ann', absolute => '-90 seconds')$$,
    'latchkey.access_token_seconds(c)', '90'),
  ('exp is not after the idle expiry', $$select tests.expire('ann', idle => '-60 seconds')$$,
    'latchkey.access_token_seconds(c)', '60'),
  ('exp is within the second before an expiry that is not a whole second',
    $$select tests.expire('ann', absolute => '-60.999 seconds')$$,
    $$to_timestamp((c ->> 'exp')::bigint) - now()
        between interval '59.999 seconds' and interval '60.999 seconds'$$,
    'true')
) cases (name, change, claim, expected);

select * from finish();
rollback;
