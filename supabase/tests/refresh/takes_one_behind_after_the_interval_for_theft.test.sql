begin;
select plan(8);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
select tests.refresh('ann', 0);
update latchkey.refresh_tokens
set rotated_at = now() - interval '10.001 seconds'
where session_id = tests.session_id('ann');

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from tests.refresh('ann', 0)$$,
  $$values ('reused', null::text, null::integer, null::integer, null::jsonb, null::jsonb)$$,
  'A replaced token is reuse once the interval is over, and gets nothing'
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
select results_eq(
  $$select outcome::text, reason::text from tests.refresh('ann', 1)$$,
  $$values ('revoked', 'reuse')$$,
  'The current token has ended with it'
);
select results_eq(
  $$select outcome::text, reason::text from tests.refresh('ann', 0)$$,
  $$values ('revoked', 'reuse')$$,
  'The stolen one gets the same answer from now on'
);
select is(
  (select count(*) from latchkey.session_events
   where session_id = tests.session_id('ann') and event = 'authn_token_reuse'),
  1::bigint, 'Still one event'
);

select * from finish();
rollback;
