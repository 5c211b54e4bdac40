begin;
select plan(2);

select tests.sign_in('ann');
select tests.end_session('ann', 1, 'session_limit');

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims, user_data
    from tests.refresh('ann', 0)$$,
  $$values ('revoked', 'session_limit', null::integer,
      null::integer, null::jsonb, null::jsonb)$$,
  'The reason is told to whoever holds an authentic token'
);
select is(
  (latchkey.refresh(
    tests.session_id('ann'), 0, sha256('guessed'), null, null
  )).outcome, 'unknown',
  'And to nobody else'
);

select * from finish();
rollback;
