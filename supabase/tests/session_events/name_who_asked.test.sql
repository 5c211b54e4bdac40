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

select latchkey.revoke(tests.session_id('ann'), tests.get_supabase_uid('ann'), null, null, tests.session_id('ann', 2), '198.51.100.1');
select latchkey.revoke_by_admin(null, tests.session_id('ann', 3), 'admin', '198.51.100.2');
update latchkey.refresh_tokens
set generation = 5, rotated_at = now() - interval '1 hour'
where session_id = tests.session_id('ann', 4);
select latchkey.refresh(tests.session_id('ann', 4), 3, sha256(tests.session_id('ann', 4)::text::bytea), null, '198.51.100.3');

prepare actors as
  select reason::text, actor_session_id, host(actor_ip), host(ip) from latchkey.session_events
  where session_id = $1 and event <> 'session_created';
select results_eq(
  $$execute actors (tests.session_id('ann', 2))$$,
  $$values ('user', tests.session_id('ann'), '198.51.100.1', '192.0.2.1')$$,
  'The session that ended another, and where it asked from, beside the address of the sign-in'
);
select results_eq(
  $$execute actors (tests.session_id('ann', 3))$$,
  $$values ('admin', null::uuid, '198.51.100.2', '192.0.2.1')$$,
  'An administrator has an address and no session'
);
select results_eq(
  $$execute actors (tests.session_id('ann', 4))$$,
  $$values ('reuse', tests.session_id('ann', 4), '198.51.100.3', '192.0.2.1')$$,
  'Where an old token came from'
);
delete from auth.sessions where id = tests.session_id('ann');
select results_eq(
  $$execute actors (tests.session_id('ann'))$$,
  $$values ('signed_out', null::uuid, null::text, '192.0.2.1')$$,
  'What Supabase Auth does names nobody'
);
select * from finish();
rollback;
