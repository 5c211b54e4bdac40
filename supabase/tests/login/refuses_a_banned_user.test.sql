-- Supabase Auth may have made the session just before the ban.
begin;
select plan(3);

update latchkey.settings set access_token_seconds = 900;
insert into auth.users (id, email, aud, role, banned_until) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated',
   now() + interval '1 hour');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from latchkey.login(
      'aaaaaaaa-0000-4000-8000-000000000001', sha256('seed'), 'aal1', '[]', null, null, null, null
    )$$,
  $$values ('banned', null::text, null::integer, null::integer, null::jsonb, null::jsonb)$$,
  'A banned user is refused and learns no claims'
);
select is_empty(
  $$select from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'The session of Supabase Auth is ended too'
);
select is_empty(
  $$select from latchkey.refresh_tokens
    where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'It leaves no row'
);

select * from finish();
rollback;
