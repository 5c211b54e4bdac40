-- An app can ask before it adopts the login.
begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  $$values ('active', null::text)$$,
  'It stands for as long as Supabase Auth keeps it'
);

select * from finish();
rollback;
