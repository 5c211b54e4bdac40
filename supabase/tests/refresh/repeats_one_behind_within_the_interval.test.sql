-- Two tabs, or a retry after a lost response: both get the same successor.
begin;
select plan(4);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
select tests.refresh('ann', 0);
update latchkey.refresh_tokens
set rotated_at = now() - interval '10 seconds', idle_expires_at = now() + interval '1 day'
where session_id = tests.session_id('ann');
create temp table before as
  select * from latchkey.refresh_tokens
  where session_id = tests.session_id('ann');

select results_eq(
  $$select outcome::text, reason::text, generation, access_token_seconds, claims ->> 'session_id',
      user_data ->> 'id'
    from tests.refresh('ann', 0)$$,
  $$values ('repeated', null::text, 1,
      900, tests.session_id('ann')::text, tests.get_supabase_uid('ann')::text)$$,
  'The replaced token gets the current generation again, to the last moment of the interval'
);
select is(
  (tests.refresh('ann', 0)).outcome,
  'repeated', 'As often as it asks'
);
select results_eq(
  $$select * from latchkey.refresh_tokens
    where session_id = tests.session_id('ann')$$,
  'select * from before',
  'A repetition changes nothing: the interval does not start anew'
);
select is(
  (tests.refresh('ann', 1)).outcome,
  'rotated', 'The current token goes on working'
);

select * from finish();
rollback;
