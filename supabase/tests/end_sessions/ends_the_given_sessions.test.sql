begin;
select plan(10);
select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

select is(
  tests.after(change, format(
    $$select concat_ws(
        ' | ', latchkey.end_sessions(%L, 'user', null, null, null), tests.sessions('ann'),
        tests.auth_sessions('ann'), tests.events('ann'), 'bob ' || tests.sessions('bob')
      )$$, session_ids
  )),
  expected, name
)
from (values
  ('one of each user', array[tests.session_id('ann'), tests.session_id('bob')], 'select',
    '2 | 1 user, 2 active | 2, 3 | 1 authn_token_revoked user by user | bob 1 user'),
  ('a session that only Supabase Auth knows counts too',
    array[tests.session_id('ann'), tests.session_id('ann', 3)], 'select',
    '2 | 1 user, 2 active | 2 | 1 authn_token_revoked user by user | bob 1 active'),
  ('an unknown session', array[tests.session_id('cat')], 'select',
    '0 | 1 active, 2 active | 1, 2, 3 | none | bob 1 active'),
  ('no session', '{}', 'select', '0 | 1 active, 2 active | 1, 2, 3 | none | bob 1 active'),
  ('a revoked session keeps its first reason and has one event', array[tests.session_id('ann')],
    $$select tests.end_session('ann', 1, 'reuse')$$,
    '0 | 1 reuse, 2 active | 2, 3 | 1 authn_token_reuse reuse by policy | bob 1 active'),
  ('expired sessions stay expired, without an event, and leave Supabase Auth',
    array[tests.session_id('ann'), tests.session_id('ann', 2), tests.session_id('bob')],
    $$select tests.expire('ann', absolute => '0'); select tests.expire('ann', 2, '0')$$,
    '1 | 1 expired, 2 expired | 3 | none | bob 1 user')
) cases (name, session_ids, change, expected);

-- Callers choose the reason, so these are bugs.
select is(tests.error_after('select', statement), expected, name)
from (values
  ('an unknown reason raises', $$select tests.end_session('ann', 1, 'because')$$, '22P02'),
  ('no reason raises', $$select tests.end_session('ann', 1, null)$$, '23514')
) cases (name, statement, expected);

-- SECURITY.md advises this after a leak.
set local role postgres;
select cmp_ok(
  latchkey.end_sessions(array(select id from auth.sessions), 'admin', null, null, null), '>=', 4,
  'the owner of the database ends the sessions of all users'
);
select is(
  concat_ws(' | ', (select count(*) from auth.sessions), tests.events('ann'), tests.events('bob')),
  '0 | 1 authn_token_revoked admin by admin, 2 authn_token_revoked admin by admin'
    || ' | 1 authn_token_revoked admin by admin',
  'none is left in Supabase Auth, and each event names an administrator'
);

select * from finish();
rollback;
