begin;
select plan(16);
select tests.reset_settings();
select tests.sign_in('ann');
update latchkey.refresh_tokens set
  generation = 5, rotated_at = now() - interval '10 seconds'
where session_id = tests.session_id('ann');

select is(
  tests.after(change, format(
    'select case when latchkey.introspect(%s) is null then ''inactive'' else ''active'' end', token
  )),
  expected, name
)
from (values
  ('the current token', $$tests.session_id('ann'), 5, tests.secret_hash('ann')$$, 'select', 'active'),
  ('a token replaced within reuse_interval', $$tests.session_id('ann'), 4, tests.secret_hash('ann')$$,
    'select', 'active'),
  ('a token replaced longer ago', $$tests.session_id('ann'), 4, tests.secret_hash('ann')$$,
    $$update latchkey.refresh_tokens set rotated_at = now() - interval '10.1 seconds'
      where session_id = tests.session_id('ann')$$, 'inactive'),
  ('a token replaced twice', $$tests.session_id('ann'), 3, tests.secret_hash('ann')$$, 'select',
    'inactive'),
  ('a token ahead of a restored database', $$tests.session_id('ann'), 6, tests.secret_hash('ann')$$,
    'select', 'active'),
  ('a wrong secret', $$tests.session_id('ann'), 5, sha256('another')$$, 'select', 'inactive'),
  ('an unknown session', $$tests.session_id('cat'), 5, tests.secret_hash('ann')$$, 'select',
    'inactive'),
  ('a banned user, even if the trigger missed the ban',
    $$tests.session_id('ann'), 5, tests.secret_hash('ann')$$,
    $$update auth.users set banned_until = now() + interval '1 hour'
      where id = tests.get_supabase_uid('ann');
      update latchkey.refresh_tokens set revoked_at = null, revoked_reason = null
      where session_id = tests.session_id('ann');
      select tests.create_auth_session('ann')$$, 'inactive'),
  ('an idle session', $$tests.session_id('ann'), 5, tests.secret_hash('ann')$$,
    $$select tests.expire('ann', idle => '0')$$, 'inactive'),
  ('a revoked session', $$tests.session_id('ann'), 5, tests.secret_hash('ann')$$,
    $$select tests.end_session('ann', 1, 'user')$$, 'inactive')
) cases (name, token, change, expected);

select is(
  tests.after(
    format($$update auth.users set %s where id = tests.get_supabase_uid('ann')$$, change),
    format(
      $$select latchkey.introspect(tests.session_id('ann'), 5, tests.secret_hash('ann')) ->> %L$$, claim
    )
  ),
  expected, name
)
from (values
  ('a user without a role has the one of the access token', $$role = ''$$, 'role', 'authenticated'),
  ('a user without an email is named by phone', $$email = null, phone = '15550009999'$$, 'username',
    '15550009999'),
  ('an anonymous user has no name', 'email = null, phone = null', 'username', null)
) cases (name, change, claim, expected);

create temp table before as
  select * from latchkey.refresh_tokens where session_id = tests.session_id('ann');
select latchkey.introspect(tests.session_id('ann'), g, tests.secret_hash('ann'))
from generate_series(0, 6) g;
select is(
  latchkey.introspect(tests.session_id('ann'), 0, tests.secret_hash('ann')), null,
  'a reused token is not active'
);
select results_eq(
  $$select * from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
  'select * from before', 'it neither rotates nor revokes'
);

update latchkey.refresh_tokens set
  rotated_at = '2026-01-02T00:00:00.9Z',
  expires_at = '2100-01-03T00:00:00Z', idle_expires_at = '2100-01-02T00:00:00.9Z'
where session_id = tests.session_id('ann');
select is(
  latchkey.introspect(tests.session_id('ann'), 5, tests.secret_hash('ann')),
  '{
    "sub": "aaaaaaaa-0000-4000-8000-000000000000",
    "session_id": "aaaaaaaa-0000-4000-8000-000000000001",
    "exp": 4102531200, "iat": 1767312000,
    "aal": "aal1", "role": "authenticated", "username": "ann@pgtap.example"
  }'::jsonb,
  'the answer names the user, the session and the earlier of the two expiries'
);

select * from finish();
rollback;
