-- As supabase-js calls it.
begin;
select plan(14);
select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

select is(
  tests.after(change || $$; select tests.authenticate_as('ann')$$, format(
    $$select concat_ws(
        ' | ', latchkey.revoke_session(%s), tests.sessions('ann'), tests.auth_sessions('ann'),
        'bob ' || tests.sessions('bob')
      )$$, target
  )),
  expected || ' | bob 1 active', name
)
from (values
  ('another session', $$tests.session_id('ann', 2)::text$$, 'select',
    't | 1 active, 2 user | 1, 3'),
  ('a session that only Supabase Auth knows', $$tests.session_id('ann', 3)::text$$, 'select',
    't | 1 active, 2 active | 1, 2'),
  ('the caller''s own session', $$tests.session_id('ann')::text$$, 'select',
    't | 1 signed_out, 2 active | 2, 3'),
  ('another user''s session: not found, as for an unknown one', $$tests.session_id('bob')::text$$,
    'select', 'f | 1 active, 2 active | 1, 2, 3'),
  ('a revoked session keeps its first reason', $$tests.session_id('ann', 2)::text$$,
    $$select tests.end_session('ann', 2)$$, 'f | 1 active, 2 admin | 1, 3'),
  ('a caller whose session was revoked ends no other', $$tests.session_id('ann', 2)::text$$,
    $$select tests.end_session('ann')$$, 'f | 1 admin, 2 active | 2, 3'),
  ('null', 'null', 'select', 'f | 1 active, 2 active | 1, 2, 3'),
  ('a refresh token', $$'lkr_AQEB'$$, 'select', 'f | 1 active, 2 active | 1, 2, 3'),
  ('an empty text', $$''$$, 'select', 'f | 1 active, 2 active | 1, 2, 3')
) cases (name, target, change, expected);

select is(
  tests.after(
    format($$set local request.jwt.claims = %L; set local role authenticated$$,
      '{"sub": "aaaaaaaa-0000-4000-8000-000000000000"}'),
    format($$select concat(latchkey.revoke_session(%s), ' ', tests.sessions('ann'))$$, target)
  ),
  'f 1 active, 2 active', name
)
from (values
  ('a token that names no session', $$tests.session_id('ann')::text$$),
  ('a token that names no session, and no target', 'null')
) cases (name, target);
select is(
  tests.error_after('set local role anon', format('select latchkey.revoke_session(%L)', target)),
  '42501', 'without a sign-in: permission denied for ' || coalesce(target, 'null')
)
from unnest(array[tests.session_id('ann')::text, null]) target;
select is(
  tests.sessions('ann') || ', ' || tests.auth_sessions('ann'),
  '1 active, 2 active, 1, 2, 3', 'which ends nothing'
);

select * from finish();
rollback;
