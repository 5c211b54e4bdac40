begin;
select plan(4);

select tests.reset_settings();
select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
update latchkey.settings set sessions_per_user = 1, at_session_limit = 'refuse';

select results_eq(
  $$select outcome::text, reason::text, claims from latchkey.login(
  tests.session_id('ann', 2), sha256('two'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)$$,
  $$values ('refused', 'session_limit', null::jsonb)$$, 'A sign-in'
);
select is_empty(
  $$select from auth.sessions where id = tests.session_id('ann', 2)$$,
  'Auth''s session of it goes with it'
);
select results_eq(
  $$select outcome::text, reason::text from latchkey.adopt(
  tests.session_id('ann', 3), tests.get_supabase_uid('ann'), sha256('seed'),
  decode(repeat('00', 17), 'hex'), 'aal1', '[{"method": "otp", "timestamp": 1}]',
  'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1', null
)$$,
  $$values ('refused', 'session_limit')$$, 'An adoption'
);
select isnt_empty(
  $$select from auth.sessions where id = tests.session_id('ann', 3)$$, 'Of a session that was there before'
);

select * from finish();
rollback;
