-- Supabase Auth signs out by deleting the row.
begin;
select plan(3);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
delete from auth.sessions where id = tests.session_id('ann');

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'signed_out'),
    (tests.session_id('ann', 2), null)$$,
  'That session, and no other'
);
select results_eq(
  $$select event::text, reason::text, initiating_entity::text from latchkey.session_events
    where session_id = tests.session_id('ann') and event <> 'session_created'$$,
  $$values ('authn_token_revoked', 'signed_out', 'user')$$,
  'It is one event'
);
select results_eq(
  $$select topic, payload ->> 'reason' from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'user:' || tests.get_supabase_uid('ann')
    )
    order by topic$$,
  $$values ('session:' || tests.session_id('ann'), 'signed_out'),
      ('user:' || tests.get_supabase_uid('ann'), 'signed_out')$$,
  'It is broadcast'
);

select * from finish();
rollback;
