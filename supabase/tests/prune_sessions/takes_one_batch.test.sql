begin;
select plan(3);

select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.create_auth_session('ann', 4);
select latchkey.login(
  s.id, sha256(s.id::text::bytea), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)
from auth.sessions s where s.user_id = tests.get_supabase_uid('ann');

update latchkey.refresh_tokens set idle_expires_at = now() - interval '31 days'
where user_id = tests.get_supabase_uid('ann');

select is(latchkey.prune_sessions(3), 3, 'As many as it is told');
select is(latchkey.prune_sessions(3), 1, 'Then the rest');
select is(latchkey.prune_sessions(3), 0, 'Then none');

select * from finish();
rollback;
