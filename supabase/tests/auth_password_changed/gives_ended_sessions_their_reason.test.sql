-- In one transaction Supabase Auth sets the new password, then deletes the other sessions.
begin;
select plan(7);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

create function pg_temp.change_password() returns void language sql as $$
  update auth.users set encrypted_password = 'new' where id = tests.get_supabase_uid('ann');
$$;
create function pg_temp.delete_session(identifier text, device integer) returns void
language sql as $$
  delete from auth.sessions where id = tests.session_id(identifier, device);
$$;

select is(
  tests.after('select pg_temp.change_password(); ' || change, $$select concat_ws(
      ' | ', tests.sessions('ann'), tests.events('ann'), tests.broadcasts('ann'),
      'bob ' || tests.sessions('bob')
    )$$),
  expected, name
)
from (values
  ('by the user: the other session ends', $$select pg_temp.delete_session('ann', 2)$$,
    '1 active, 2 password_changed | 2 authn_token_revoked password_changed by user'
      || ' | session 2 hears 2 password_changed, user hears 2 password_changed | bob 1 active'),
  ('by an administrator: every session ends',
    $$delete from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
    '1 password_changed, 2 password_changed | 1 authn_token_revoked password_changed by user'
      || ', 2 authn_token_revoked password_changed by user'
      || ' | session 1 hears 1 password_changed, session 2 hears 2 password_changed'
      || ', user hears 1 password_changed, user hears 2 password_changed | bob 1 active'),
  ('Supabase Auth decides which sessions end: without a deletion none ends, and none is told',
    'select', '1 active, 2 active | none | none | bob 1 active'),
  ('another user who signs out in the same transaction', $$select pg_temp.delete_session('bob', 1)$$,
    '1 active, 2 active | none | none | bob 1 signed_out')
) cases (name, change, expected);

select is(
  tests.after(
    $$select tests.break_events_and_broadcasts(); select pg_temp.change_password();
      select pg_temp.delete_session('ann', 2)$$,
    $$select tests.sessions('ann')$$
  ),
  '1 active, 2 password_changed', 'without the audit trail and Realtime sessions still end'
);
select is(
  tests.after(
    $$alter table latchkey.refresh_tokens rename to refresh_tokens_away;
      alter table latchkey.session_events rename to session_events_away;
      select pg_temp.change_password(); select pg_temp.delete_session('ann', 2)$$,
    $$select encrypted_password || ' ' || tests.auth_sessions('ann') from auth.users
      where id = tests.get_supabase_uid('ann')$$
  ),
  'new 1', 'a password change never fails because Latchkey is broken'
);

-- A pooled connection serves many users, so the note must end with its transaction. A test
-- is one transaction and cannot look beyond it, so it reads the source.
select matches(
  (select prosrc from pg_proc where oid = 'latchkey.auth_password_changed()'::regprocedure),
  'set_config\(''latchkey.password_changed_by'', [^,]*, true\)',
  'the note is set for the transaction, not for the connection'
);

select * from finish();
rollback;
