-- The access token says both; they must belong together.
begin;
select plan(3);

select tests.sign_in('ann');
select tests.sign_in('bob');

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('bob'), tests.get_supabase_uid('ann'), null, 'global', null, null
    )$$,
  $$values ('revoked', 'signed_out', null::integer)$$,
  'By scope'
);
select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('bob'), tests.get_supabase_uid('ann'), null, null,
      tests.session_id('ann'), null
    )$$,
  $$values ('revoked', 'signed_out', null::integer)$$,
  'By id'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id in (
      tests.get_supabase_uid('ann'),
      tests.get_supabase_uid('bob')
    ) order by session_id$$,
  $$values (tests.session_id('ann'), null::text),
    (tests.session_id('bob'), null)$$,
  'Nothing is ended'
);

select * from finish();
rollback;
