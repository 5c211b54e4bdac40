begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
update auth.users set
  aud = '', role = '', raw_app_meta_data = null, raw_user_meta_data = null
where id = 'aaaaaaaa-0000-4000-8000-000000000000';

select is(
  latchkey.user_data(u) - '{id,email,phone,created_at,updated_at}'::text[],
  '{
    "aud": "authenticated", "role": "authenticated",
    "app_metadata": {}, "user_metadata": {}, "is_anonymous": false
  }'::jsonb,
  'The metadata of a user are objects'
)
from auth.users u where u.id = 'aaaaaaaa-0000-4000-8000-000000000000';

select * from finish();
rollback;
