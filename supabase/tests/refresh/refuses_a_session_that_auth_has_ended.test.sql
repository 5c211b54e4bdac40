-- The trigger on auth.sessions never fails a sign-out, so it may have missed this one.
begin;
select plan(2);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000', sha256('ann-laptop'),
   now() + interval '1 day', now() + interval '1 day');

select results_eq(
  $$select outcome::text, reason::text, claims from latchkey.refresh(
      'aaaaaaaa-0000-4000-8000-000000000001', 0, sha256('ann-laptop'), null, null
    )$$,
  $$values ('revoked', 'signed_out', null::jsonb)$$,
  'What Supabase Auth ended has ended'
);
select is(
  (select generation from latchkey.refresh_tokens
   where session_id = 'aaaaaaaa-0000-4000-8000-000000000001'),
  0, 'Nothing is rotated'
);

select * from finish();
rollback;
