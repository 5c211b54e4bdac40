-- Metadata belong to the app: they come back as they were written, as from Supabase Auth.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
update auth.users set
  raw_app_meta_data = '{"team": null}', raw_user_meta_data = '{"name": "Ann", "nick": null}'
where id = 'aaaaaaaa-0000-4000-8000-000000000000';

select is(
  latchkey.user_data(u) -> 'app_metadata', '{"team": null}'::jsonb,
  'App metadata'
)
from auth.users u where u.id = 'aaaaaaaa-0000-4000-8000-000000000000';
select is(
  latchkey.user_data(u) -> 'user_metadata', '{"name": "Ann", "nick": null}'::jsonb,
  'User metadata'
)
from auth.users u where u.id = 'aaaaaaaa-0000-4000-8000-000000000000';

select * from finish();
rollback;
