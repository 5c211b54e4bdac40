-- The trigger on auth.users never fails a ban, so it may have missed this one.
begin;
select plan(3);

insert into auth.users (id, email, aud, role, banned_until) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated',
   now() + interval '1 hour');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', sha256('ann-laptop'),
   now() + interval '1 day', now() + interval '1 day');

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from latchkey.refresh(
      'aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null
    )$$,
  $$values ('revoked', 'banned', null::integer, null::integer, null::jsonb, null::jsonb)$$,
  'A banned user gets no token'
);
select is(
  (select revoked_reason from latchkey.refresh_tokens
   where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'),
  'banned', 'The session is ended now'
);
select is_empty(
  $$select from auth.sessions where id = 'aaaaaaaa-0000-4000-8000-000000000001'$$,
  'In Supabase Auth too'
);

select * from finish();
rollback;
