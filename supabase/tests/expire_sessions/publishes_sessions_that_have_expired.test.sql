begin;
select plan(11);
select tests.reset_settings();
select tests.sign_in('ann', device) from generate_series(1, 3) device;

select is(
  tests.after(change, $$select concat_ws(' | ', latchkey.expire_sessions(), tests.events('ann'))$$),
  expected, name
)
from (values
  ('no session has expired', 'select', '0 | none'),
  ('a session that has expired', $$select tests.expire('ann', absolute => '2 minutes')$$,
    '1 | 1 session_expired expired by policy'),
  ('an idle session', $$select tests.expire('ann', idle => '2 minutes')$$,
    '1 | 1 session_expired expired by policy'),
  ('a refresh that began before the expiry may still commit, so it waits a minute',
    $$select tests.expire('ann', absolute => '50 seconds')$$, '0 | none'),
  ('it is published once',
    $$select tests.expire('ann', absolute => '2 minutes'); select latchkey.expire_sessions()$$,
    '0 | 1 session_expired expired by policy'),
  ('a revoked session',
    $$select tests.end_session('ann'); select tests.expire('ann', absolute => '2 minutes')$$,
    '0 | 1 authn_token_revoked admin by admin')
) cases (name, change, expected);
select is(
  tests.after(
    $$select tests.expire('ann', device, absolute => '2 minutes') from generate_series(1, 3) device$$,
    $$select concat_ws(', ', latchkey.expire_sessions(2), latchkey.expire_sessions(2))$$
  ), '2, 1', 'one call publishes one batch'
);

select tests.expire('ann', absolute => '40 minutes');
select latchkey.expire_sessions();
select is(
  (select now() - created_at from latchkey.session_events
    where session_id = tests.session_id('ann') and event = 'session_expired'),
  interval '40 minutes', 'the event has the time of the expiry'
);
select is(
  concat_ws(' | ', tests.auth_sessions('ann'), tests.broadcasts('ann')), '2, 3 | none',
  'the row of Supabase Auth is deleted, and nothing is broadcast'
);
select is(tests.session_state('ann'), 'expired absolute', 'the session still says why it ended');
select tests.expire('ann', absolute => '31 days');
select latchkey.prune_sessions();
select is(
  tests.events('ann'), '1 session_expired expired by policy',
  'the deletion of its row publishes nothing more'
);

select * from finish();
rollback;
