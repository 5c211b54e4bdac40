-- It ended by itself, before now.
begin;
select plan(3);

select tests.sign_in('ann');
update latchkey.refresh_tokens set expires_at = now()
where session_id = tests.session_id('ann');
delete from latchkey.refresh_tokens where session_id = tests.session_id('ann');

select results_eq(
  $$select event::text, reason::text, initiating_entity::text from latchkey.session_events
    where session_id = tests.session_id('ann') and event <> 'session_created'$$,
  $$values ('session_expired', 'expired', 'policy')$$,
  'The event says so'
);
select is_empty(
  $$select from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'user:' || tests.get_supabase_uid('ann')
    )$$,
  'There is no news to send'
);
select is_empty(
  $$select from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
  'The session of Supabase Auth goes with it'
);

select * from finish();
rollback;
