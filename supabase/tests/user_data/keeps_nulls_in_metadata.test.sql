-- Metadata belong to the app: they come back as they were written, as from Supabase Auth.
begin;
select plan(2);

select tests.create_supabase_user('ann');
update auth.users set
  raw_app_meta_data = '{"team": null}', raw_user_meta_data = '{"name": "Ann", "nick": null}'
where id = tests.get_supabase_uid('ann');

select is(
  latchkey.user_data(u) -> 'app_metadata', '{"team": null}'::jsonb,
  'App metadata'
)
from auth.users u where u.id = tests.get_supabase_uid('ann');
select is(
  latchkey.user_data(u) -> 'user_metadata', '{"name": "Ann", "nick": null}'::jsonb,
  'User metadata'
)
from auth.users u where u.id = tests.get_supabase_uid('ann');

select * from finish();
rollback;
