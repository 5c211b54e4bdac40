begin;
select plan(4);

select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, 'global', null, null
    )$$,
  $$values ('done', null::text, 3)$$,
  'All of the user'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id in (
      tests.get_supabase_uid('ann'),
      tests.get_supabase_uid('bob')
    ) order by session_id$$,
  $$values (tests.session_id('ann'), 'signed_out'),
    (tests.session_id('ann', 2), 'user'),
    (tests.session_id('bob'), null)$$,
  'The caller signed out, the others were ended by the user'
);
select is_empty(
  $$select from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
  'In Supabase Auth too'
);
select results_eq(
  $$select session_id, event::text, reason::text, initiating_entity::text from latchkey.session_events
    where user_id = tests.get_supabase_uid('ann') and event <> 'session_created'
    order by session_id$$,
  $$values (tests.session_id('ann'), 'authn_token_revoked', 'signed_out', 'user'),
    (tests.session_id('ann', 2), 'authn_token_revoked', 'user', 'user')$$,
  'One event each'
);

select * from finish();
rollback;
