begin;
select plan(5);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
select tests.refresh('ann', 0);
select tests.refresh('ann', 1);

select is(
  (tests.refresh('ann', 0)).outcome,
  'reused', 'Only the immediate predecessor may be repeated'
);
select results_eq(
  $$select revoked_at, revoked_reason::text from latchkey.refresh_tokens
    where session_id = tests.session_id('ann')$$,
  $$values (now(), 'reuse')$$,
  'The session is revoked'
);
select is_empty(
  $$select from auth.sessions where id = tests.session_id('ann')$$,
  'Supabase Auth refuses its tokens too'
);
select results_eq(
  $$select event::text, reason::text, initiating_entity::text from latchkey.session_events
    where session_id = tests.session_id('ann') and event <> 'session_created'$$,
  $$values ('authn_token_reuse', 'reuse', 'policy')$$,
  'It is one event'
);
select results_eq(
  $$select topic, payload ->> 'reason' from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'user:' || tests.get_supabase_uid('ann')
    )
    order by topic$$,
  $$values ('session:' || tests.session_id('ann'), 'reuse'),
      ('user:' || tests.get_supabase_uid('ann'), 'reuse')$$,
  'It is broadcast once on each of the two channels'
);

select * from finish();
rollback;
