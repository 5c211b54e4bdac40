begin;
select plan(2);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
update latchkey.refresh_tokens set idle_expires_at = now()
where session_id = tests.session_id('ann');

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, 'others', null, null
    )$$,
  $$values ('expired', 'idle', null::integer)$$,
  'Where the session stands'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null::text),
    (tests.session_id('ann', 2), null)$$,
  'Nothing is ended'
);

select * from finish();
rollback;
