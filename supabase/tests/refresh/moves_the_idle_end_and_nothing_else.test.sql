begin;
select plan(2);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
update latchkey.refresh_tokens set
  created_at = now() - interval '9 days', expires_at = now() + interval '90 days',
  rotated_at = now() - interval '2 days', idle_expires_at = now() + interval '1 day'
where session_id = tests.session_id('ann');
create temp table before as
  select * from latchkey.refresh_tokens
  where session_id = tests.session_id('ann');
select tests.refresh('ann', 0);

select results_eq(
  $$select rotated_at between now() and clock_timestamp(), idle_expires_at
    from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
  $$values (true, now() + interval '30 days')$$,
  'The idle timeout counts anew'
);
select results_eq(
  $$select to_jsonb(t) - '{generation,rotated_at,idle_expires_at}'::text[]
    from latchkey.refresh_tokens t where session_id = tests.session_id('ann')$$,
  $$select to_jsonb(b) - '{generation,rotated_at,idle_expires_at}'::text[] from before b$$,
  'Everything else stays, the absolute end first of all'
);

select * from finish();
rollback;
