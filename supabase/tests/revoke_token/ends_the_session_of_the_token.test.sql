-- RFC 7009: a token of the session, of any generation, may end it.
begin;
select plan(7);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.refresh('ann', generation) from generate_series(0, 1) generation;

select is(
  tests.after(change, format(
    $$select concat_ws(
        ' | ', latchkey.revoke_token(%s, null), tests.sessions('ann'), tests.auth_sessions('ann')
      )$$, token
  )),
  expected, name
)
from (values
  ('the user of the token signs out', $$tests.session_id('ann'), tests.secret_hash('ann')$$, 'select',
    '1 | 1 signed_out, 2 active | 2'),
  ('a second call ends nothing', $$tests.session_id('ann'), tests.secret_hash('ann')$$,
    $$select latchkey.revoke_token(tests.session_id('ann'), tests.secret_hash('ann'), null)$$,
    '0 | 1 signed_out, 2 active | 2'),
  ('a revoked session keeps its first reason',
    $$tests.session_id('ann'), tests.secret_hash('ann')$$,
    $$select tests.end_session('ann', 1, 'reuse')$$, '0 | 1 reuse, 2 active | 2'),
  ('a wrong secret', $$tests.session_id('ann'), sha256('guessed')$$, 'select',
    '0 | 1 active, 2 active | 1, 2'),
  ('the secret of another session', $$tests.session_id('ann'), tests.secret_hash('ann', 2)$$,
    'select', '0 | 1 active, 2 active | 1, 2'),
  ('no secret', $$tests.session_id('ann'), null$$, 'select', '0 | 1 active, 2 active | 1, 2'),
  ('an unknown session', $$tests.session_id('cat'), tests.secret_hash('ann')$$, 'select',
    '0 | 1 active, 2 active | 1, 2')
) cases (name, token, change, expected);

select * from finish();
rollback;
