-- An app can offer it before it adopts the login.
begin;
select plan(3);

select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann', 3), tests.get_supabase_uid('ann'), null, 'others', null, null
    )$$,
  $$values ('done', null::text, 2)$$,
  'Both'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'user'),
    (tests.session_id('ann', 2), 'user')$$,
  'Ended by the user'
);
select results_eq(
  $$select id from auth.sessions where user_id = tests.get_supabase_uid('ann')
    order by id$$,
  $$values (tests.session_id('ann', 3))$$,
  'The caller stands'
);

select * from finish();
rollback;
