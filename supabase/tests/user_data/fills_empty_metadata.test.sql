begin;
select plan(1);

select tests.create_supabase_user('ann');
update auth.users set
  aud = '', role = '', raw_app_meta_data = null, raw_user_meta_data = null
where id = tests.get_supabase_uid('ann');

select is(
  latchkey.user_data(u) - '{id,email,phone,created_at,updated_at}'::text[],
  '{
    "aud": "authenticated", "role": "authenticated",
    "app_metadata": {}, "user_metadata": {}, "is_anonymous": false
  }'::jsonb,
  'The metadata of a user are objects'
)
from auth.users u where u.id = tests.get_supabase_uid('ann');

select * from finish();
rollback;
