-- Auth deletes the rows of sessions that are over too.
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

update latchkey.refresh_tokens set expires_at = now() where session_id = tests.session_id('ann');
update latchkey.refresh_tokens set idle_expires_at = now() where session_id = tests.session_id('ann', 2);
delete from auth.sessions where user_id = tests.get_supabase_uid('ann');

select results_eq(
  $$select session_id, revoked_reason::text,
      (latchkey.session_state(session_id, user_id)).reason::text
    from latchkey.refresh_tokens where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null, 'absolute'), (tests.session_id('ann', 2), null, 'idle'),
    (tests.session_id('ann', 3), 'signed_out', 'signed_out'), (tests.session_id('ann', 4), 'signed_out', 'signed_out')$$,
  'It says that it has run out, and not that somebody signed out'
);

select * from finish();
rollback;
