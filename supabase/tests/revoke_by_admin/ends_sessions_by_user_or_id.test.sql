begin;
select plan(13);
select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

select is(
  tests.after(change, format(
    $$select concat_ws(
        ' | ', (latchkey.revoke_by_admin(%s, null)).revoked, tests.sessions('ann'),
        tests.auth_sessions('ann'), 'bob ' || tests.sessions('bob')
      )$$, arguments
  )),
  expected || ' | bob 1 active', name
)
from (values
  ('every session of a user, also if only Supabase Auth knows it',
    $$tests.get_supabase_uid('ann'), null, 'admin'$$, 'select', '3 | 1 admin, 2 admin | none'),
  ('only active sessions are counted', $$tests.get_supabase_uid('ann'), null, 'admin'$$,
    $$select tests.expire('ann', idle => '0')$$, '2 | 1 expired, 2 admin | none'),
  ('one session', $$null, tests.session_id('ann', 2), 'admin'$$, 'select',
    '1 | 1 active, 2 admin | 1, 3'),
  ('a session that only Supabase Auth knows', $$null, tests.session_id('ann', 3), 'admin'$$,
    'select', '1 | 1 active, 2 active | 1, 2'),
  ('with any reason of the list', $$null, tests.session_id('ann'), 'session_limit'$$, 'select',
    '1 | 1 session_limit, 2 active | 2, 3'),
  ('a user without an active session', $$tests.get_supabase_uid('ann'), null, 'admin'$$,
    $$select latchkey.revoke_by_admin(tests.get_supabase_uid('ann'), null, 'banned', null)$$,
    '0 | 1 banned, 2 banned | none'),
  ('a revoked session keeps its first reason', $$null, tests.session_id('ann'), 'admin'$$,
    $$select tests.end_session('ann', 1, 'user')$$, '0 | 1 user, 2 active | 2, 3'),
  ('an unknown user', $$tests.get_supabase_uid('cat'), null, 'admin'$$, 'select',
    '0 | 1 active, 2 active | 1, 2, 3'),
  ('an unknown session', $$null, tests.session_id('cat'), 'admin'$$, 'select',
    '0 | 1 active, 2 active | 1, 2, 3'),
  ('neither', $$null, null, 'admin'$$, 'select', '0 | 1 active, 2 active | 1, 2, 3')
) cases (name, arguments, change, expected);

select is(
  tests.error_after(
    'select', $$select latchkey.revoke_by_admin(null, tests.session_id('ann'), 'because', null)$$
  ),
  '22P02', 'an unknown reason is a bug of the caller and raises'
);
select latchkey.revoke_by_admin(tests.get_supabase_uid('ann'), null, 'session_limit', null);
select is(
  tests.events('ann'),
  '1 authn_token_revoked session_limit by admin, 2 authn_token_revoked session_limit by admin',
  'each session has one event, which names an administrator with any reason'
);
select is(
  (select string_agg(distinct payload ->> 'initiating_entity', ', ') from realtime.messages
    where topic = 'user:' || tests.get_supabase_uid('ann')),
  'admin', 'the broadcasts name an administrator too'
);

select * from finish();
rollback;
