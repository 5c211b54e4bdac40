begin;
select plan(2);

select tests.sign_in('ann');

select throws_ok(
  $$insert into latchkey.refresh_tokens
      (session_id, user_id, secret_hash, expires_at, idle_expires_at)
    values (tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('another'),
      now() + interval '1 day', now() + interval '1 day')$$,
  '23505', null, 'A second row of a session is refused'
);
select throws_ok(
  $$insert into latchkey.refresh_tokens
      (session_id, user_id, secret_hash, expires_at, idle_expires_at)
    values (tests.session_id('ann', 2), 'ffffffff-0000-4000-8000-00000000000f', sha256('another'),
      now() + interval '1 day', now() + interval '1 day')$$,
  '23503', null, 'So is one of a user nobody knows'
);

select * from finish();
rollback;
