begin;
select plan(1);

select tests.create_supabase_user('ann');
update auth.users set
  email_confirmed_at = '2026-01-02T03:04:05Z', last_sign_in_at = '2026-02-03T04:05:06Z',
  created_at = '2026-01-01T00:00:00Z', updated_at = '2026-03-01T00:00:00Z',
  phone = '4915112345678', phone_confirmed_at = '2026-01-05T03:04:05Z', raw_app_meta_data = '{"provider": "email"}', raw_user_meta_data = '{"name": "Ann"}'
where id = tests.get_supabase_uid('ann');
set local timezone = 'UTC';

select is(
  latchkey.user_data(u),
  '{
    "id": "aaaaaaaa-0000-4000-8000-000000000000", "aud": "authenticated",
    "role": "authenticated", "email": "ann@pgtap.example", "phone": "4915112345678",
    "email_confirmed_at": "2026-01-02T03:04:05+00:00",
    "phone_confirmed_at": "2026-01-05T03:04:05+00:00",
    "confirmed_at": "2026-01-02T03:04:05+00:00",
    "last_sign_in_at": "2026-02-03T04:05:06+00:00",
    "app_metadata": {"provider": "email"}, "user_metadata": {"name": "Ann"},
    "is_anonymous": false,
    "created_at": "2026-01-01T00:00:00+00:00",
    "updated_at": "2026-03-01T00:00:00+00:00"
  }'::jsonb,
  'These properties and no others; what is not there is left out'
)
from auth.users u where u.id = tests.get_supabase_uid('ann');

select * from finish();
rollback;
