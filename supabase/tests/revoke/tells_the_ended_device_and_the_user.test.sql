begin;
select plan(1);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select latchkey.revoke(
  tests.session_id('ann'), tests.get_supabase_uid('ann'), null, 'others', null, null
);

select results_eq(
  $$select topic, payload ->> 'session_id', payload ->> 'reason' from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'session:' || tests.session_id('ann', 2),
      'user:' || tests.get_supabase_uid('ann')
    ) order by topic$$,
  $$values
    ('session:' || tests.session_id('ann', 2), tests.session_id('ann', 2)::text, 'user'),
    ('user:' || tests.get_supabase_uid('ann'), tests.session_id('ann', 2)::text, 'user')$$,
  'The channel of the ended session, and that of the user'
);

select * from finish();
rollback;
