begin;
select plan(4);

select tests.reset_settings();
select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
update latchkey.refresh_tokens set created_at = now() - interval '2 hours' where session_id = tests.session_id('ann');
update latchkey.refresh_tokens set created_at = now() - interval '3 hours' where session_id = tests.session_id('ann', 2);
update latchkey.settings set sessions_per_user = 2;

select is((latchkey.login(
  tests.session_id('ann', 3), sha256('three'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)).outcome, 'created', 'The new one starts');
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null),
      (tests.session_id('ann', 2), 'session_limit'),
      (tests.session_id('ann', 3), null)$$,
  'For the oldest sign-in'
);
select is_empty(
  $$select from auth.sessions where id = tests.session_id('ann', 2)$$, 'Auth forgets it too'
);
select isnt_empty(
  $$select from realtime.messages
    where topic = 'session:' || tests.session_id('ann', 2) and payload ->> 'reason' = 'session_limit'
      and payload ->> 'initiating_entity' = 'policy'$$,
  'Its device hears of it'
);

select * from finish();
rollback;
