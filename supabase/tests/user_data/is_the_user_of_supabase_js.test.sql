begin;
select plan(3);
select tests.create_supabase_user('ann');
set local timezone = 'UTC';

select is(
  tests.after(
    format($$update auth.users set %s where id = tests.get_supabase_uid('ann')$$, change),
    format(
      $$select latchkey.user_data(u) - %L::text[] from auth.users u
        where u.id = tests.get_supabase_uid('ann')$$, without
    )
  )::jsonb,
  expected::jsonb, name
)
from (values
  ('it has these properties; what a user lacks is left out',
    $$email_confirmed_at = '2026-01-02T03:04:05Z', last_sign_in_at = '2026-02-03T04:05:06Z',
      created_at = '2026-01-01T00:00:00Z', updated_at = '2026-03-01T00:00:00Z',
      phone = '4915112345678', phone_confirmed_at = '2026-01-05T03:04:05Z',
      raw_app_meta_data = '{"provider": "email"}', raw_user_meta_data = '{"name": "Ann"}'$$,
    '{}',
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
    }'),
  ('missing metadata are empty objects',
    $$aud = '', role = '', raw_app_meta_data = null, raw_user_meta_data = null$$,
    '{id,email,phone,created_at,updated_at}',
    '{
      "aud": "authenticated", "role": "authenticated",
      "app_metadata": {}, "user_metadata": {}, "is_anonymous": false
    }'),
  ('metadata belong to the app, so their nulls remain, as in Supabase Auth',
    $$raw_app_meta_data = '{"team": null}', raw_user_meta_data = '{"name": "Ann", "nick": null}'$$,
    '{id,aud,role,email,phone,created_at,updated_at,is_anonymous}',
    '{"app_metadata": {"team": null}, "user_metadata": {"name": "Ann", "nick": null}}')
) cases (name, change, without, expected);

select * from finish();
rollback;
