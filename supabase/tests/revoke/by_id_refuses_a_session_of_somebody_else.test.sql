begin;
select plan(3);

select tests.sign_in('ann');
select tests.sign_in('bob');

select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, null,
      tests.session_id('bob'), null
    )$$,
  $$values ('forbidden', null::text, null::integer)$$,
  'Forbidden'
);
select results_eq(
  $$select outcome::text, reason::text, revoked from latchkey.revoke(
      tests.session_id('ann'), tests.get_supabase_uid('ann'), null, null,
      'ffffffff-0000-4000-8000-00000000000f', null
    )$$,
  $$values ('forbidden', null::text, null::integer)$$,
  'And one that never was is answered alike'
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
