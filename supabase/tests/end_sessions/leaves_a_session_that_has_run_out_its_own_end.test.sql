begin;
select plan(4);

select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.create_auth_session('ann', 4);
select latchkey.login(
  s.id, sha256(s.id::text::bytea), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)
from auth.sessions s where s.user_id = tests.get_supabase_uid('ann');

update latchkey.refresh_tokens set expires_at = now() where session_id = tests.session_id('ann');
update latchkey.refresh_tokens set idle_expires_at = now() where session_id = tests.session_id('ann', 2);

select is(
  latchkey.end_sessions(array[tests.session_id('ann'), tests.session_id('ann', 2), tests.session_id('ann', 3)]::uuid[], 'admin', null, null, null), 1, 'One still stood'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null), (tests.session_id('ann', 2), null), (tests.session_id('ann', 3), 'admin'), (tests.session_id('ann', 4), null)$$,
  'Only that one is revoked'
);
select bag_eq(
  $$select id from auth.sessions where user_id = tests.get_supabase_uid('ann')$$, $$values (tests.session_id('ann', 4))$$,
  'Supabase Auth keeps none of them'
);
select is_empty(
  $$select from latchkey.session_events
    where session_id in (tests.session_id('ann'), tests.session_id('ann', 2)) and event <> 'session_created'$$,
  'Nor is there an event of an end that was none'
);

select * from finish();
rollback;
