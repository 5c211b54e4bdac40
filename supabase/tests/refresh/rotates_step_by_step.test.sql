begin;
select plan(4);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds
    from tests.refresh('ann', 0)$$,
  $$values ('rotated', null::text, 1, 900)$$,
  'The first token gets the second'
);
select is(
  (tests.refresh('ann', 1)).generation,
  2, 'The second gets the third'
);
select is(
  (tests.refresh('ann', 2)).outcome,
  'rotated', 'And so on'
);
select results_eq(
  $$select generation, secret_hash, revoked_at
    from latchkey.refresh_tokens where user_id = tests.get_supabase_uid('ann')$$,
  $$values (3, tests.secret_hash('ann'), null::timestamptz)$$,
  'The session is still one row with the same seed'
);

select * from finish();
rollback;
