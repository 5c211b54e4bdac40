-- Somebody cleans up by hand.
begin;
select plan(3);

select tests.sign_in('ann');
delete from latchkey.refresh_tokens where session_id = tests.session_id('ann');

select results_eq(
  $$select event::text, reason::text, initiating_entity::text from latchkey.session_events
    where session_id = tests.session_id('ann') and event <> 'session_created'$$,
  $$values ('authn_token_revoked', 'admin', 'admin')$$,
  'A session whose row is deleted has been ended by an administrator'
);
select results_eq(
  $$select topic, payload ->> 'reason' from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'user:' || tests.get_supabase_uid('ann')
    )
    order by topic$$,
  $$values ('session:' || tests.session_id('ann'), 'admin'),
      ('user:' || tests.get_supabase_uid('ann'), 'admin')$$,
  'It is broadcast'
);
select is_empty(
  $$select from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
  'It must not come back as one that Latchkey never managed'
);

select * from finish();
rollback;
