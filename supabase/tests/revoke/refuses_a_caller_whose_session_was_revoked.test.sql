-- An ended session may not end others.
begin;
select plan(4);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.end_session('ann');

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, 'global', null, null
    )$$,
  $$values ('revoked', 'admin', null::integer)$$,
  'By scope'
);
select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, null,
      tests.session_id('ann', 2), null
    )$$,
  $$values ('revoked', 'admin', null::integer)$$,
  'By id'
);
select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, 'local', null, null
    )$$,
  $$values ('revoked', 'admin', null::integer)$$,
  'Its own'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'admin'),
    (tests.session_id('ann', 2), null)$$,
  'Nothing is ended'
);

select * from finish();
rollback;
