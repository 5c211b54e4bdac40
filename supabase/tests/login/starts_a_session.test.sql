begin;
select plan(4);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.create_auth_session('ann');

create temp table answer as select * from latchkey.login(
  tests.session_id('ann'), sha256('seed'), 'aal2',
  '[{"method": "totp", "timestamp": 2}]', 'Firefox', '192.0.2.1', 'Laptop', null
);

select results_eq(
  'select outcome::text, reason::text, generation, access_token_seconds from answer',
  $$values ('created', null::text, 0, 900)$$,
  'The first token is of generation 0 and comes with an access token of 15 minutes'
);
select is(
  (select claims ->> 'session_id' from answer), tests.session_id('ann')::text,
  'The claims name the session that Supabase Auth made'
);
select is(
  (select user_data ->> 'id' from answer), tests.get_supabase_uid('ann')::text,
  'The user comes along'
);
select results_eq(
  $$select user_id, secret_hash, generation, aal, amr, user_agent, ip, device_name,
      revoked_at, revoked_reason::text
    from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
  $$values (tests.get_supabase_uid('ann'), sha256('seed'), 0, 'aal2',
      '[{"method": "totp", "timestamp": 2}]'::jsonb, 'Firefox', '192.0.2.1'::inet, 'Laptop',
      null::timestamptz, null::text)$$,
  'One row holds the hash of the seed and where the session came from'
);

select * from finish();
rollback;
