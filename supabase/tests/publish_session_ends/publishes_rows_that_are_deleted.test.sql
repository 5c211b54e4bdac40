-- A deleted row must not leave a session of Supabase Auth that looks like one that Latchkey
-- never managed.
begin;
select plan(5);
select tests.sign_in('ann');

select is(
  tests.after(
    change || $$; delete from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
    $$select concat_ws(
        ' | ', tests.auth_sessions('ann'), tests.events('ann'), tests.broadcasts('ann')
      )$$
  ),
  'none | ' || expected, name
)
from (values
  ('an active session: an administrator ended it', 'select',
    '1 authn_token_revoked admin by admin | session 1 hears 1 admin, user hears 1 admin'),
  ('a revoked session: nothing is published again', $$select tests.end_session('ann', 1, 'user')$$,
    '1 authn_token_revoked user by user | session 1 hears 1 user, user hears 1 user'),
  ('an absolutely expired session: an event and no broadcast',
    $$select tests.expire('ann', absolute => '0')$$, '1 session_expired expired by policy | none'),
  ('an idle session: an event and no broadcast',
    $$select tests.expire('ann', idle => '40 days')$$, '1 session_expired expired by policy | none')
) cases (name, change, expected);
select is(
  tests.after(
    $$select tests.expire('ann', idle => '40 days');
      delete from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
    $$select now() - created_at from latchkey.session_events
      where session_id = tests.session_id('ann') and event = 'session_expired'$$
  ),
  '40 days', 'the event has the time of the expiry'
);

select * from finish();
rollback;
