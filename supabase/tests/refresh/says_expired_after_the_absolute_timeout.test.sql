begin;
select plan(3);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
select tests.refresh('ann', 0);
select tests.refresh('ann', 1);
update latchkey.refresh_tokens set expires_at = now()
where session_id = tests.session_id('ann');

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from tests.refresh('ann', 2)$$,
  $$values ('expired', 'absolute', null::integer, null::integer, null::jsonb, null::jsonb)$$,
  'At its absolute end a session has expired'
);
select is(
  (tests.refresh('ann', 0)).outcome, 'expired',
  'An older token of an expired session is no theft'
);
select results_eq(
  $$select generation, revoked_at from latchkey.refresh_tokens
    where session_id = tests.session_id('ann')$$,
  $$values (2, null::timestamptz)$$,
  'Nothing is rotated and nothing revoked'
);

select * from finish();
rollback;
