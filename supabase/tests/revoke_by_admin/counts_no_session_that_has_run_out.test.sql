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

update latchkey.refresh_tokens set idle_expires_at = now() where session_id in (tests.session_id('ann'), tests.session_id('ann', 2));

select is((latchkey.revoke_by_admin(tests.get_supabase_uid('ann'), null, 'admin', null)).revoked, 2, 'Those that stood');

select * from finish();
rollback;
