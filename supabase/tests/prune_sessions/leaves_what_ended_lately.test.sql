begin;
select plan(2);

select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.create_auth_session('ann', 4);
select latchkey.login(
  s.id, sha256(s.id::text::bytea), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)
from auth.sessions s where s.user_id = tests.get_supabase_uid('ann');

update latchkey.refresh_tokens
set revoked_at = now() - interval '29 days', revoked_reason = 'admin' where session_id = tests.session_id('ann');
update latchkey.refresh_tokens set expires_at = now() - interval '29 days' where session_id = tests.session_id('ann', 2);
update latchkey.refresh_tokens set idle_expires_at = now() - interval '29 days' where session_id = tests.session_id('ann', 3);

select is(latchkey.prune_sessions(), 0, 'It can still say why it ended');
update latchkey.settings set ended_sessions_kept = interval '28 days';
select is(latchkey.prune_sessions(), 3, 'A new setting counts at once');

select * from finish();
rollback;
