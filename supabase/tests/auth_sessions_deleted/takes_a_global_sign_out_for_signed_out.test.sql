begin;
select plan(2);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');
delete from auth.sessions where user_id = tests.get_supabase_uid('ann');

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id in (
      tests.get_supabase_uid('ann'),
      tests.get_supabase_uid('bob')
    ) order by session_id$$,
  $$values (tests.session_id('ann'), 'signed_out'),
    (tests.session_id('ann', 2), 'signed_out'),
    (tests.session_id('bob'), null)$$,
  'Every session of the user'
);
select results_eq(
  $$select topic, count(*) from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'session:' || tests.session_id('ann', 2),
      'user:' || tests.get_supabase_uid('ann'),
      'user:' || tests.get_supabase_uid('bob')
    )
    group by topic order by topic$$,
  $$values ('session:' || tests.session_id('ann'), 1::bigint),
      ('session:' || tests.session_id('ann', 2), 1),
      ('user:' || tests.get_supabase_uid('ann'), 2)$$,
  'Each is told of'
);

select * from finish();
rollback;
