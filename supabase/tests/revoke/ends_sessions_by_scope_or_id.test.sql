begin;
select plan(26);
select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

-- By default, device 1 of ann ends sessions.
create function pg_temp.revoke(
  scope latchkey.revoke_scope default null, target uuid default null, caller integer default 1,
  caller_name text default 'ann'
)
returns text language sql volatile as $$
  select concat_ws(' ', outcome, reason, revoked) from latchkey.revoke(
    tests.session_id(caller_name, caller), tests.get_supabase_uid('ann'), null, scope, target, null
  );
$$;

select is(
  tests.after(change, format(
    $$select concat_ws(
        ' | ', pg_temp.revoke(%s), tests.sessions('ann'), 'auth ' || tests.auth_sessions('ann'),
        'bob ' || tests.sessions('bob')
      )$$, arguments
  )),
  expected || ' | bob 1 active', name
)
from (values
  ('local signs the caller out', $$'local'$$, 'select',
    'done 1 | 1 signed_out, 2 active | auth 2, 3'),
  ('others ends every other session, also if only Supabase Auth knows it', $$'others'$$, 'select',
    'done 2 | 1 active, 2 user | auth 1'),
  ('global ends every session; the caller has signed out', $$'global'$$, 'select',
    'done 3 | 1 signed_out, 2 user | auth none'),
  ('global counts active sessions only', $$'global'$$, $$select tests.expire('ann', 2, '0')$$,
    'done 2 | 1 signed_out, 2 expired | auth none'),
  ('others without another session ends none', $$'others'$$,
    $$select pg_temp.revoke('others')$$, 'done 0 | 1 active, 2 user | auth 1'),
  ('a session that only Supabase Auth knows can end others, before an app adopts it',
    $$'others', caller => 3$$, 'select', 'done 2 | 1 user, 2 user | auth 3'),
  ('an id ends that session', $$target => tests.session_id('ann', 2)$$, 'select',
    'done 1 | 1 active, 2 user | auth 1, 3'),
  ('the id of a session that only Supabase Auth knows', $$target => tests.session_id('ann', 3)$$,
    'select', 'done 1 | 1 active, 2 active | auth 1, 2'),
  ('the caller''s own id signs the caller out', $$target => tests.session_id('ann')$$, 'select',
    'done 1 | 1 signed_out, 2 active | auth 2, 3'),
  ('the id of a revoked session; its first reason stays', $$target => tests.session_id('ann', 2)$$,
    $$select tests.end_session('ann', 2)$$, 'done 0 | 1 active, 2 admin | auth 1, 3'),
  ('the id of another user''s session', $$target => tests.session_id('bob')$$, 'select',
    'forbidden | 1 active, 2 active | auth 1, 2, 3'),
  ('an unknown id gets the same answer', $$target => tests.session_id('cat')$$, 'select',
    'forbidden | 1 active, 2 active | auth 1, 2, 3'),
  ('an expired caller', $$'others'$$, $$select tests.expire('ann', idle => '0')$$,
    'expired idle | 1 expired, 2 active | auth 1, 2, 3'),
  ('a revoked caller, global', $$'global'$$, $$select tests.end_session('ann')$$,
    'revoked admin | 1 admin, 2 active | auth 2, 3'),
  ('a revoked caller, by id', $$target => tests.session_id('ann', 2)$$,
    $$select tests.end_session('ann')$$, 'revoked admin | 1 admin, 2 active | auth 2, 3'),
  ('a revoked caller, local', $$'local'$$, $$select tests.end_session('ann')$$,
    'revoked admin | 1 admin, 2 active | auth 2, 3'),
  ('an unknown caller', $$'others', caller => 9$$, 'select',
    'revoked signed_out | 1 active, 2 active | auth 1, 2, 3'),
  ('no caller', $$'global', caller => null$$, 'select',
    'revoked signed_out | 1 active, 2 active | auth 1, 2, 3'),
  ('a caller whose session belongs to another user, global', $$'global', caller_name => 'bob'$$,
    'select', 'revoked signed_out | 1 active, 2 active | auth 1, 2, 3'),
  ('a caller whose session belongs to another user, by id',
    $$target => tests.session_id('ann'), caller_name => 'bob'$$,
    'select', 'revoked signed_out | 1 active, 2 active | auth 1, 2, 3'),
  ('without the audit trail and Realtime', $$'global'$$, 'select tests.break_events_and_broadcasts()',
    'done 3 | 1 signed_out, 2 user | auth none')
) cases (name, arguments, change, expected);

select is(tests.after($$select pg_temp.revoke('global')$$, $$select tests.events('ann')$$),
  '1 authn_token_revoked signed_out by user, 2 authn_token_revoked user by user',
  'each session has one event');
select is(tests.after($$select pg_temp.revoke('others')$$, $$select tests.broadcasts('ann')$$),
  'session 2 hears 2 user, user hears 2 user', 'the ended session and the user are told');

-- Endpoints check before they call, so these are bugs.
select is(tests.error_after('select', format('select pg_temp.revoke(%s)', arguments)), expected, name)
from (values
  ('an unknown scope raises', $$'everywhere'$$, '22P02'),
  ('neither a scope nor an id raises', '', '22023')
) cases (name, arguments, expected);
select is(
  tests.sessions('ann') || ' | ' || tests.auth_sessions('ann'),
  '1 active, 2 active | 1, 2, 3', 'and ends nothing'
);

select * from finish();
rollback;
