begin;
select plan(2);

select tests.sign_in('ann');

select results_eq(
  $$select event::text, user_id, reason::text, initiating_entity::text, ip, user_agent
    from latchkey.session_events where session_id = tests.session_id('ann')$$,
  $$values ('session_created', tests.get_supabase_uid('ann'), null::text,
      'user', '192.0.2.1'::inet, 'Firefox')$$,
  'A sign-in is one event'
);
select is_empty(
  $$select from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'user:' || tests.get_supabase_uid('ann')
    )$$,
  'A sign-in is broadcast to nobody'
);

select * from finish();
rollback;
