begin;
select plan(18);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');
select tests.end_session('ann', 2, 'user');
grant latchkey_functions to current_user with set true;
grant usage on schema tests, extensions to latchkey_functions;

select is(
  tests.after(
    format($$select tests.authenticate_as('ann', %s)$$, device),
    $$select coalesce(string_agg(concat_ws(' ', right(session_id::text, 1), revoked_reason), ', '
        order by session_id), 'none') from latchkey.refresh_tokens$$
  ),
  expected, name
)
from (values
  ('a user reads the user''s own sessions, revoked ones too', 1, '1, 2 user'),
  ('a revoked session reads none', 2, 'none')
) cases (name, device, expected);

select is(tests.error_after($$select tests.authenticate_as('ann')$$, statement), '42501', 'a user ' || name)
from (values
  ('does not read the hash of the secret', 'select secret_hash from latchkey.refresh_tokens'),
  ('does not read the generation', 'select generation from latchkey.refresh_tokens'),
  ('does not read every column', 'select * from latchkey.refresh_tokens'),
  ('does not filter by the hash of the secret',
    'select session_id from latchkey.refresh_tokens where secret_hash is not null'),
  ('does not change a session', $$update latchkey.refresh_tokens set device_name = 'Mine'$$),
  ('does not revoke a session',
    $$update latchkey.refresh_tokens set revoked_at = now(), revoked_reason = 'user'$$),
  ('does not delete a session', 'delete from latchkey.refresh_tokens'),
  ('does not add a session',
    $$insert into latchkey.refresh_tokens (session_id) values (tests.session_id('ann', 3))$$)
) cases (name, statement);
select is(
  tests.error_after('set local role ' || role, 'select session_id from latchkey.refresh_tokens'),
  '42501', role || ' reads none'
)
from unnest(array['anon', 'service_role', 'latchkey_functions']) role;

select is(tests.error_after('select', statement), expected, name)
from (values
  ('a second row of a session is rejected', '23505',
    $$insert into latchkey.refresh_tokens
        (session_id, user_id, secret_hash, expires_at, idle_expires_at)
      values (tests.session_id('ann'), tests.get_supabase_uid('ann'), sha256('another'), now(), now())$$),
  ('a session of an unknown user is rejected', '23503',
    $$insert into latchkey.refresh_tokens
        (session_id, user_id, secret_hash, expires_at, idle_expires_at)
      values (tests.session_id('cat'), tests.get_supabase_uid('cat'), sha256('another'), now(), now())$$),
  ('a revocation without a reason is rejected', '23514',
    $$update latchkey.refresh_tokens set revoked_at = now()
      where session_id = tests.session_id('ann')$$),
  ('a reason without a revocation is rejected', '23514',
    $$update latchkey.refresh_tokens set revoked_reason = 'user'
      where session_id = tests.session_id('ann')$$),
  ('an unknown reason is rejected', '22P02',
    $$update latchkey.refresh_tokens set revoked_at = now(), revoked_reason = 'because'
      where session_id = tests.session_id('ann')$$)
) cases (name, expected, statement);

select * from finish();
rollback;
