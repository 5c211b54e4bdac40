-- Whoever knows a session id alone must not be able to end the session.
begin;
select plan(5);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
select tests.refresh('ann', 0);
select tests.refresh('ann', 1);
create temp table before as
  select * from latchkey.refresh_tokens
  where session_id = tests.session_id('ann');

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from latchkey.refresh(
      tests.session_id('ann'), 2, sha256('guessed'), null, null
    )$$,
  $$values ('unknown', null::text, null::integer, null::integer, null::jsonb, null::jsonb)$$,
  'The current generation with another seed is unknown'
);
select is(
  (latchkey.refresh(tests.session_id('ann'), 0, sha256('guessed'), null, null)).outcome,
  'unknown', 'An older generation with another seed is no reuse'
);
select is(
  (latchkey.refresh(tests.session_id('ann'), 2, null, null, null)).outcome,
  'unknown', 'No seed at all does not fall open'
);
select results_eq(
  $$select * from latchkey.refresh_tokens
    where session_id = tests.session_id('ann')$$,
  'select * from before', 'The session has not changed'
);
select is(
  (tests.refresh('ann', 2)).outcome, 'rotated', 'It goes on'
);

select * from finish();
rollback;
