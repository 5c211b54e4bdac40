begin;
select plan(10);
select tests.reset_settings();
select tests.sign_in('ann', device) from generate_series(1, 4) device;

-- Devices 1, 2 and 3 ended the given number of days ago: revoked, expired and idle.
create function pg_temp.ended(days integer) returns void language sql as $$
  update latchkey.refresh_tokens
  set revoked_at = now() - days * interval '1 day', revoked_reason = 'admin'
  where session_id = tests.session_id('ann');
  select tests.expire('ann', 2, absolute => days * interval '1 day');
  select tests.expire('ann', 3, idle => days * interval '1 day');
$$;

select is(
  tests.after(change, $$select latchkey.prune_sessions() || ' | ' || tests.sessions('ann')$$),
  expected, name
)
from (values
  ('31 days ago', 'select pg_temp.ended(31)', '3 | 4 active'),
  ('29 days ago: a session can still say why it ended', 'select pg_temp.ended(29)',
    '0 | 1 admin, 2 expired, 3 expired, 4 active'),
  ('a new ended_sessions_kept applies at once',
    $$select pg_temp.ended(29); update latchkey.settings set ended_sessions_kept = '28 days'$$,
    '3 | 4 active'),
  ('a session that ended now is kept, although Supabase Auth has no row of it either',
    $$delete from auth.sessions where user_id = tests.get_supabase_uid('ann');
      update latchkey.refresh_tokens set revoked_at = now() - interval '31 days'
      where session_id = tests.session_id('ann')$$,
    '1 | 2 signed_out, 3 signed_out, 4 signed_out')
) cases (name, change, expected);
select is(
  tests.after('select pg_temp.ended(31); select latchkey.prune_sessions()', $$select tests.events('ann')$$),
  '1 authn_token_revoked admin by admin, 2 session_expired expired by policy'
    || ', 3 session_expired expired by policy',
  'each end has one event'
);
select is(
  tests.after(
    'select pg_temp.ended(31)',
    $$select concat_ws(', ', latchkey.prune_sessions(2), latchkey.prune_sessions(2), latchkey.prune_sessions(2))$$
  ),
  '2, 1, 0', 'one call deletes one batch'
);

-- Without its row here, a row of Supabase Auth would look like a session that Latchkey never
-- managed.
alter table latchkey.refresh_tokens disable trigger session_revoked;
select pg_temp.ended(31);
alter table latchkey.refresh_tokens enable trigger session_revoked;
select is(tests.auth_sessions('ann'), '1, 2, 3, 4', 'Supabase Auth has kept the ended sessions');
select latchkey.prune_sessions();
select is(tests.auth_sessions('ann'), '4', 'they are deleted together');
select is(
  tests.after(format($$select tests.authenticate_as('ann', %s)$$, device), 'select latchkey.session_active()'),
  'false', format('session %s is not active again', device)
)
from generate_series(1, 2) device;

select * from finish();
rollback;
