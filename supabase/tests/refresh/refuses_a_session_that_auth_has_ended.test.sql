-- The trigger on auth.sessions never fails a sign-out, so it may have missed this one.
begin;
select plan(2);

select tests.create_supabase_user('ann');
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at) values
  (tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('ann-laptop'),
   now() + interval '1 day', now() + interval '1 day');

select results_eq(
  $$select outcome::text, reason::text, claims from latchkey.refresh(
      tests.session_id('ann'), 0, sha256('ann-laptop'), null, null
    )$$,
  $$values ('revoked', 'signed_out', null::jsonb)$$,
  'What Supabase Auth ended has ended'
);
select is(
  (select generation from latchkey.refresh_tokens
   where session_id = tests.session_id('ann')),
  0, 'Nothing is rotated'
);

select * from finish();
rollback;
