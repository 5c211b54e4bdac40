-- The triggers on auth.users and auth.sessions never fail what Supabase Auth does, so they
-- may have missed a ban, a deletion or a sign-out.
begin;
select plan(17);
select tests.reset_settings();
select tests.sign_in('ann');
select tests.refresh('ann', 0);
select tests.refresh('ann', 1);
select tests.create_auth_session('ann', 3);

create function pg_temp.refresh(
  generation integer, secret text default 'ann 1', session_id uuid default tests.session_id('ann')
)
returns text language sql volatile as $$
  select concat_ws(
    ' ', outcome, reason, generation, access_token_seconds, claims, user_data
  )
  from latchkey.refresh(session_id, generation, sha256(secret::bytea), null, null);
$$;
create function pg_temp.missed_by_the_trigger() returns void language sql as $$
  update latchkey.refresh_tokens set revoked_at = null, revoked_reason = null
  where session_id = tests.session_id('ann');
$$;

select is(
  tests.after(change, format(
    $$select concat_ws(
        ' | ', pg_temp.refresh(%s), (
          select concat('at ', generation) from latchkey.refresh_tokens
          where session_id = tests.session_id('ann')
        ), tests.sessions('ann'), tests.auth_sessions('ann')
      )$$, token
  )),
  expected, name
)
from (values
  ('a wrong secret for the current token', $$2, 'guessed'$$, 'select',
    'unknown | at 2 | 1 active | 1, 3'),
  ('a wrong secret for an old token does not end the session', $$0, 'guessed'$$, 'select',
    'unknown | at 2 | 1 active | 1, 3'),
  ('no secret', '2, null', 'select', 'unknown | at 2 | 1 active | 1, 3'),
  ('an unknown session', $$0, 'ann 1', tests.session_id('cat')$$, 'select',
    'unknown | at 2 | 1 active | 1, 3'),
  ('a session that only Supabase Auth knows', $$0, 'ann 3', tests.session_id('ann', 3)$$, 'select',
    'unknown | at 2 | 1 active | 1, 3'),
  ('a revoked session says why', '2', $$select tests.end_session('ann', 1, 'session_limit')$$,
    'revoked session_limit | at 2 | 1 session_limit | 3'),
  ('a revoked session does not say why without the secret', $$2, 'guessed'$$,
    $$select tests.end_session('ann', 1, 'session_limit')$$,
    'unknown | at 2 | 1 session_limit | 3'),
  ('a revoked session whose row Supabase Auth still has', '2',
    $$select tests.end_session('ann'); select tests.create_auth_session('ann')$$,
    'revoked admin | at 2 | 1 admin | 1, 3'),
  ('an absolutely expired session', '2', $$select tests.expire('ann', absolute => '0')$$,
    'expired absolute | at 2 | 1 expired | 1, 3'),
  ('an old token of an absolutely expired session is not a reuse', '0',
    $$select tests.expire('ann', absolute => '0')$$,
    'expired absolute | at 2 | 1 expired | 1, 3'),
  ('an idle session', '2', $$select tests.expire('ann', idle => '0')$$,
    'expired idle | at 2 | 1 expired | 1, 3'),
  ('an old token of an idle session is not a reuse', '0',
    $$select tests.expire('ann', idle => '0')$$,
    'expired idle | at 2 | 1 expired | 1, 3'),
  ('a banned user whose ban the trigger missed loses the session', '2',
    $$update auth.users set banned_until = now() + interval '1 hour'
      where id = tests.get_supabase_uid('ann');
      select tests.create_auth_session('ann'); select pg_temp.missed_by_the_trigger()$$,
    'revoked banned | at 2 | 1 banned | none'),
  ('a deleted user whose sessions Supabase Auth kept loses the session', '2',
    $$update auth.users set deleted_at = now() where id = tests.get_supabase_uid('ann')$$,
    'revoked user_deleted | at 2 | 1 user_deleted | 3'),
  ('a session that Supabase Auth has ended, missed by the trigger, is signed out', '2',
    $$delete from auth.sessions where user_id = tests.get_supabase_uid('ann'); select pg_temp.missed_by_the_trigger()$$,
    'revoked signed_out | at 2 | 1 signed_out | none')
) cases (name, token, change, expected);

create temp table before as
  select * from latchkey.refresh_tokens where session_id = tests.session_id('ann');
select pg_temp.refresh(g, 'guessed') from unnest(array[0, 1, 2]) g;
select results_eq(
  $$select * from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
  'select * from before',
  'wrong secrets change nothing'
);
select is((tests.refresh('ann', 2)).outcome, 'rotated', 'the session continues after wrong secrets');

select * from finish();
rollback;
