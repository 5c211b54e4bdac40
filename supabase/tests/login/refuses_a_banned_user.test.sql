-- Supabase Auth may have made the session just before the ban.
begin;
select plan(4);

update latchkey.settings set access_token_seconds = 900;
insert into auth.users (id, email, aud, role, banned_until) values
  (tests.get_supabase_uid('ann'), 'ann@pgtap.example', 'authenticated', 'authenticated',
   now() + interval '1 hour');
select tests.create_auth_session('ann');
select tests.create_supabase_user('bob');
select tests.create_auth_session('bob');

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from latchkey.login(
      tests.session_id('ann'), sha256('seed'), 'aal1', '[]', null, null, null, null
    )$$,
  $$values ('banned', null::text, null::integer, null::integer, null::jsonb, null::jsonb)$$,
  'A banned user is refused and learns no claims'
);
select is_empty(
  $$select from auth.sessions where id = tests.session_id('ann')$$,
  'The session of Supabase Auth is ended too'
);
select is_empty(
  $$select from latchkey.refresh_tokens
    where session_id = tests.session_id('ann')$$,
  'It leaves no row'
);
select isnt_empty(
  $$select from auth.sessions where id = tests.session_id('bob')$$,
  'No other session is'
);

select * from finish();
rollback;
