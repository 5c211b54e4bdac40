-- Old tokens are recognised by their generation, however old they are.
begin;
select plan(14);
select tests.reset_settings();
select tests.sign_in('ann');
select tests.sign_in('ann', 2);

create temp table cases (name text, token integer, expected text, change text);
insert into cases values
  ('replaced longer than reuse_interval ago', 0, 'reused',
    $$select tests.refresh('ann', 0);
      update latchkey.refresh_tokens set rotated_at = now() - interval '10.001 seconds'
      where session_id = tests.session_id('ann')$$),
  ('replaced twice, within reuse_interval', 0, 'reused',
    $$select tests.refresh('ann', 0); select tests.refresh('ann', 1)$$),
  ('replaced 100,000 times', 7, 'reused',
    $$update latchkey.refresh_tokens set generation = 100000
      where session_id = tests.session_id('ann')$$),
  ('replaced, with a reuse_interval of 0', 0, 'reused',
    $$update latchkey.settings set reuse_interval_seconds = 0; select tests.refresh('ann', 0);
      update latchkey.refresh_tokens set rotated_at = now() - interval '1 millisecond'
      where session_id = tests.session_id('ann')$$),
  ('the current token after a reuse', 2, 'revoked reuse',
    $$select tests.refresh('ann', g) from unnest(array[0, 1, 0]) g$$),
  ('the reused token once more', 0, 'revoked reuse',
    $$select tests.refresh('ann', g) from unnest(array[0, 1, 0]) g$$);

select is(
  tests.after(change, format(
    $$select concat_ws(
        ' ', outcome, reason, generation, access_token_seconds, claims, user_data
      ) from tests.refresh('ann', %s)$$, token
  )),
  expected, name || ': the answer'
)
from cases;
select is(
  tests.after(
    format($$%s; select tests.refresh('ann', %s)$$, change, token),
    $$select concat_ws(
        ' | ', tests.sessions('ann'), tests.auth_sessions('ann'), tests.events('ann'),
        tests.broadcasts('ann')
      )$$
  ),
  '1 reuse, 2 active | 2 | 1 authn_token_reuse reuse by policy'
    || ' | session 1 hears 1 reuse, user hears 1 reuse',
  name || ': only its session ends, also in Supabase Auth, with one event and its broadcasts'
)
from cases;

select tests.refresh('ann', g) from unnest(array[0, 1, 0]) g;
select is(
  (select revoked_at from latchkey.refresh_tokens where session_id = tests.session_id('ann')),
  now(), 'the session ends now'
);
select is((tests.refresh('ann', 0, 2)).outcome, 'rotated', 'the other session continues');

select * from finish();
rollback;
