begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000');

select lives_ok(
  $$delete from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000003'$$,
  'A session that only Supabase Auth knows is signed out there'
);
select is_empty(
  $$select from latchkey.session_events
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000003'$$,
  'And is no event here'
);

select * from finish();
rollback;
