-- Supabase Auth ends sessions by deleting their rows.
begin;
select plan(10);
select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

select is(
  tests.after(
    change,
    $$select concat_ws(
        ' | ', tests.sessions('ann'), tests.events('ann'), tests.broadcasts('ann'),
        'bob ' || tests.sessions('bob')
      )$$
  ),
  expected || ' | bob 1 active', name
)
from (values
  ('a sign-out', $$delete from auth.sessions where id = tests.session_id('ann')$$,
    '1 signed_out, 2 active | 1 authn_token_revoked signed_out by user'
      || ' | session 1 hears 1 signed_out, user hears 1 signed_out'),
  ('a global sign-out',
    $$delete from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
    '1 signed_out, 2 signed_out'
      || ' | 1 authn_token_revoked signed_out by user, 2 authn_token_revoked signed_out by user'
      || ' | session 1 hears 1 signed_out, session 2 hears 2 signed_out'
      || ', user hears 1 signed_out, user hears 2 signed_out'),
  ('a hard deletion of the user removes the rows; events and broadcasts remain',
    $$select tests.end_session('ann', 2, 'banned'); truncate realtime.messages;
      delete from auth.users where id = tests.get_supabase_uid('ann')$$,
    'none | 1 authn_token_revoked user_deleted by admin, 2 authn_token_revoked banned by admin'
      || ' | session 1 hears 1 user_deleted, user hears 1 user_deleted'),
  ('a soft deletion, which marks the user and empties the password first',
    $$select tests.end_session('ann', 2, 'banned'); truncate realtime.messages;
      update auth.users set deleted_at = now(), encrypted_password = ''
      where id = tests.get_supabase_uid('ann');
      delete from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
    '1 user_deleted, 2 banned'
      || ' | 1 authn_token_revoked user_deleted by admin, 2 authn_token_revoked banned by admin'
      || ' | session 1 hears 1 user_deleted, user hears 1 user_deleted'),
  ('a session that only Supabase Auth knows has no event',
    $$delete from auth.sessions where id = tests.session_id('ann', 3)$$,
    '1 active, 2 active | none | none'),
  ('the first reason stays when the end of a session deletes the row of Supabase Auth',
    $$select tests.end_session('ann', 2, 'banned')$$,
    '1 active, 2 banned | 2 authn_token_revoked banned by admin'
      || ' | session 2 hears 2 banned, user hears 2 banned'),
  ('expired sessions stay expired',
    $$select tests.expire('ann', absolute => '0'); select tests.expire('ann', 2, '0');
      delete from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
    '1 expired, 2 expired | none | none')
) cases (name, change, expected);
select is(
  tests.after(
    $$select tests.expire('ann', absolute => '0'); select tests.expire('ann', 2, '0');
      delete from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
    $$select concat_ws(', ', tests.session_state('ann'), tests.session_state('ann', 2))$$
  ),
  'expired absolute, expired idle', 'expired sessions say which expiry they reached'
);
-- Which of a user's rows are deleted first depends on the names of constraints. Here
-- the sessions of Supabase Auth are, and Latchkey's row still exists.
select is(
  tests.after(
    $$alter table latchkey.refresh_tokens drop constraint refresh_tokens_user_id_fkey;
      delete from auth.users where id = tests.get_supabase_uid('ann')$$,
    $$select tests.sessions('ann')$$
  ),
  '1 user_deleted, 2 user_deleted', 'a hard deletion that reaches the sessions of Supabase Auth first'
);
select is(
  tests.after(
    $$select tests.end_session('ann', 1, 'banned'); delete from auth.sessions$$,
    $$select tests.events('bob')$$
  ),
  '1 authn_token_revoked signed_out by user', 'other users get their own event'
);

select * from finish();
rollback;
