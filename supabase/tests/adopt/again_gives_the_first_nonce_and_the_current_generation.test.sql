begin;
select plan(5);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days',
  sessions_per_user = null, at_session_limit = 'end_oldest', custom_access_token_hook = null;
select tests.create_auth_session('ann');
select latchkey.adopt(
  tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('seed'),
  decode(repeat('00', 17), 'hex'), 'aal1', '[{"method": "otp", "timestamp": 1}]',
  'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1', null
);
select latchkey.refresh(tests.session_id('ann'), 0, sha256('seed'), null, null);
create temp table before as
  select * from latchkey.refresh_tokens where session_id = tests.session_id('ann');
create temp table answer as select * from latchkey.adopt(
  tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('another'),
  decode(repeat('11', 17), 'hex'), 'aal1', '[{"method": "otp", "timestamp": 1}]',
  'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1', extract(epoch from now())::bigint
);

select results_eq(
  'select outcome::text, generation, adoption_nonce from answer',
  $$values ('repeated', 1, decode(repeat('00', 17), 'hex'))$$,
  'From which the function derives the seed of the first'
);
select results_eq(
  $$select * from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
  'select * from before', 'Nothing is written'
);
select is(
  (select count(*) from latchkey.session_events where session_id = tests.session_id('ann')),
  1::bigint, 'Nor is it another event'
);

-- The thief of an access token of ours can have Auth make one, by enrolling a
-- second factor.
select is(
  (latchkey.adopt(
    tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('another'),
    decode(repeat('11', 17), 'hex'), 'aal1', '[]', null, null, null, null,
    issued_at => issued_at
  )).outcome, 'managed', concat('An access token issued at ', issued_at)
)
from (values (null), (extract(epoch from now() + interval '7 seconds')::bigint)) v (issued_at);

select * from finish();
rollback;
