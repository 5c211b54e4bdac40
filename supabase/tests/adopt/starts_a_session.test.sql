begin;
select plan(4);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days',
  sessions_per_user = null, at_session_limit = 'end_oldest', custom_access_token_hook = null;
select tests.create_auth_session('ann');
update auth.sessions set aal = null where id = tests.session_id('ann');
create temp table answer as select * from latchkey.adopt(
  tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('seed'),
  decode(repeat('00', 17), 'hex'), 'aal1', '[{"method": "otp", "timestamp": 1}]',
  'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1', null
);

select results_eq(
  'select outcome::text, reason::text, generation, access_token_seconds, adoption_nonce from answer',
  $$values ('created', null::text, 0, 900, decode(repeat('00', 17), 'hex'))$$,
  'The first token is of generation 0, and its nonce is the one that came'
);
select results_eq(
  $$select claims ->> 'session_id', claims ->> 'aal', claims -> 'amr', claims ->> 'iss' from answer$$,
  $$values (tests.session_id('ann')::text, 'aal1',
    '[{"method": "otp", "timestamp": 1}]'::jsonb, 'https://x/auth/v1')$$,
  'The claims are those of the session that Auth made'
);
select results_eq(
  $$select user_id, secret_hash, generation, aal, user_agent, ip, device_name
    from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
  $$values (tests.get_supabase_uid('ann'), sha256('seed'), 0, 'aal1',
      'Firefox', '192.0.2.1'::inet, 'Laptop')$$,
  'One row, as of a sign-in with a password'
);
select is(
  (select count(*) from latchkey.session_events
   where session_id = tests.session_id('ann') and event = 'session_created'),
  1::bigint, 'One event'
);

select * from finish();
rollback;
