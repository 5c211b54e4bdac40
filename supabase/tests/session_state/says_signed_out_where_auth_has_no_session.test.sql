-- The trigger on auth.sessions may have missed a sign-out.
begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', sha256('ann-laptop'),
   now() + interval '1 day', now() + interval '1 day');

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'What Supabase Auth ended has ended'
);

select * from finish();
rollback;
