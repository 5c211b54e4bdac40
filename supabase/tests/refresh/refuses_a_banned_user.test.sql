-- The trigger on auth.users never fails a ban, so it may have missed this one.
begin;
select plan(3);

insert into auth.users (id, email, aud, role, banned_until) values
  (tests.get_supabase_uid('ann'), 'ann@pgtap.example', 'authenticated', 'authenticated',
   now() + interval '1 hour');
select tests.create_auth_session('ann');
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at) values
  (tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('ann-laptop'),
   now() + interval '1 day', now() + interval '1 day');

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from latchkey.refresh(
      tests.session_id('ann'), 0, sha256('ann-laptop'), null, null
    )$$,
  $$values ('revoked', 'banned', null::integer, null::integer, null::jsonb, null::jsonb)$$,
  'A banned user gets no token'
);
select is(
  (select revoked_reason from latchkey.refresh_tokens
   where session_id = tests.session_id('ann')),
  'banned', 'The session is ended now'
);
select is_empty(
  $$select from auth.sessions where id = tests.session_id('ann')$$,
  'In Supabase Auth too'
);

select * from finish();
rollback;
