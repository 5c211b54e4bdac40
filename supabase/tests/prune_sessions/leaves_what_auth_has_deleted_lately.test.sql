-- A session that has just ended has no row in auth.sessions either. It must not be
-- removed together with one that ended long ago.
begin;
select plan(2);

select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
select latchkey.login(s.id, sha256(s.id::text::bytea), 'aal1', '[]', null, null, null, null)
from auth.sessions s where s.user_id = tests.get_supabase_uid('ann');
delete from auth.sessions where user_id = tests.get_supabase_uid('ann');
update latchkey.refresh_tokens set revoked_at = now() - interval '31 days'
where session_id = tests.session_id('ann');

select is(latchkey.prune_sessions(), 1, 'One session is past its retention period');
select results_eq(
  'select session_id from latchkey.refresh_tokens',
  $$values (tests.session_id('ann', 2))$$,
  'The other can still say why it ended'
);

select * from finish();
rollback;
