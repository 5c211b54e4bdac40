-- The trigger on auth.sessions never fails a sign-out, so it may miss one.
begin;
select plan(1);

select tests.create_auth_session('ann', 2);
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at) values
  (tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('one'),
   now() + interval '1 day', now() + interval '1 day');
update latchkey.settings set sessions_per_user = 1, at_session_limit = 'refuse';

select is(
  (latchkey.login(
    tests.session_id('ann', 2), sha256('two'), 'aal1', '[]', null, null, null, null
  )).outcome::text,
  'created', 'A session that only the trigger missed does not count'
);

select * from finish();
rollback;
