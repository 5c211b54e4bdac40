begin;
select plan(2);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days',
  sessions_per_user = null, at_session_limit = 'end_oldest', custom_access_token_hook = null;
select tests.sign_in('ann');
create temp table answer as select * from latchkey.adopt(
  tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('another'),
  decode(repeat('00', 17), 'hex'), 'aal1', '[{"method": "otp", "timestamp": 1}]',
  'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1', null
);

select results_eq(
  'select outcome::text, generation, claims, adoption_nonce from answer',
  $$values ('managed', null::integer, null::jsonb, null::bytea)$$,
  'Its access token becomes no refresh token'
);
select is(
  (tests.refresh('ann', 0)).outcome,
  'rotated', 'It goes on'
);

select * from finish();
rollback;
