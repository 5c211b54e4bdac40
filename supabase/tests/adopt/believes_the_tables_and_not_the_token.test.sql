begin;
select plan(4);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days',
  sessions_per_user = null, at_session_limit = 'end_oldest', custom_access_token_hook = null;
select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
update auth.sessions set aal = 'aal2' where id = tests.session_id('ann');
update auth.sessions set aal = 'aal1' where id = tests.session_id('ann', 2);

select is(
  (latchkey.adopt(
  tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('seed'),
  decode(repeat('00', 17), 'hex'), 'aal1', '[{"method": "otp", "timestamp": 1}]',
  'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1', null
)).claims ->> 'aal', 'aal2',
  'A token from before the second factor lowers nothing'
);
select is(
  (latchkey.adopt(
  tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('another'),
  decode(repeat('00', 17), 'hex'), 'aal1', '[{"method": "otp", "timestamp": 1}]',
  'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1', extract(epoch from now())::bigint
)).claims ->> 'aal', 'aal2',
  'Repeated too'
);
select is(
  (latchkey.adopt(
  tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('another'),
  decode(repeat('00', 17), 'hex'), 'aal2', '[{"method": "totp", "timestamp": 2}]',
  'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1', extract(epoch from now())::bigint
)).claims -> 'amr', '[{"method": "totp", "timestamp": 2}]'::jsonb,
  'A repeated adoption has the methods that are known now'
);
select is(
  (latchkey.adopt(
  tests.session_id('ann', 2), tests.get_supabase_uid('ann'), sha256('seed'),
  decode(repeat('00', 17), 'hex'), 'aal2', '[{"method": "otp", "timestamp": 1}]',
  'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1', null
)).claims ->> 'aal', 'aal1',
  'A token from before its removal raises nothing'
);

select * from finish();
rollback;
