-- The trigger on auth.sessions may have missed a sign-out.
begin;
select plan(1);

select tests.create_supabase_user('ann');
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at) values
  (tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('ann-laptop'),
   now() + interval '1 day', now() + interval '1 day');

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('ann'), tests.get_supabase_uid('ann')
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'What Supabase Auth ended has ended'
);

select * from finish();
rollback;
