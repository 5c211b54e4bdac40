begin;
select plan(1);

select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.create_auth_session('ann', 4);
select latchkey.login(
  s.id, sha256(s.id::text::bytea), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)
from auth.sessions s where s.user_id = tests.get_supabase_uid('ann');

update latchkey.refresh_tokens set idle_expires_at = now() - interval '31 days' where session_id = tests.session_id('ann');
insert into latchkey.session_events (created_at, event, session_id, user_id) values
  ('2001-01-01', 'session_created', tests.session_id('ann'), tests.get_supabase_uid('ann'));

select is(
  latchkey.prune() @> '{"events": 1, "notices": 0, "sessions": 1}', true, 'Of each kind'
);

select * from finish();
rollback;
