-- Supabase Auth keeps the sessions of a banned user; they would work again after the ban.
begin;
select plan(10);
select tests.create_auth_session('ann', 3);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');

create function pg_temp.ban(until timestamptz) returns void language sql as $$
  update auth.users set banned_until = until where id = tests.get_supabase_uid('ann');
$$;

select is(
  tests.after(change, $$select concat_ws(
      ' | ', tests.sessions('ann'), tests.auth_sessions('ann'), tests.events('ann'),
      tests.broadcasts('ann')
    )$$),
  expected, name
)
from (
  select name, change, case when bans
    then '1 banned, 2 banned | none'
      || ' | 1 authn_token_revoked banned by admin, 2 authn_token_revoked banned by admin'
      || ' | session 1 hears 1 banned, session 2 hears 2 banned'
      || ', user hears 1 banned, user hears 2 banned'
    else '1 active, 2 active | 1, 2, 3 | none | none' end
  from (values
    ('a ban, also those that only Supabase Auth knows', true,
      $$select pg_temp.ban(now() + interval '1 hour')$$),
    ('a longer ban ends and tells nothing again', true,
      $$select pg_temp.ban(now() + h * interval '1 hour') from unnest(array[1, 9]) h$$),
    ('a ban that has ended', false, 'select pg_temp.ban(now())'),
    ('a ban that is lifted after it ended', false,
      $$select pg_temp.ban(b) from unnest(array[now() - interval '1 hour', null]) b$$),
    ('a change of the profile', false,
      $$update auth.users set email = 'new@pgtap.example', raw_user_meta_data = '{"name": "Ann"}'
        where id = tests.get_supabase_uid('ann')$$)
  ) cases (name, bans, change)
) cases (name, change, expected);

select is(
  tests.after($$select pg_temp.ban(now() + interval '1 hour')$$, $$select tests.sessions('bob')$$),
  '1 active', 'other users keep their sessions'
);
select is(
  tests.after(
    $$select pg_temp.ban(b) from unnest(array[now() + interval '1 hour', null]) b$$,
    $$select concat_ws(' ', outcome, reason) from tests.refresh('ann', 0)$$
  ),
  'revoked banned', 'the end of the ban brings no session back'
);
select is(
  tests.after(
    $$select tests.break_events_and_broadcasts(); select pg_temp.ban(now() + interval '1 hour')$$,
    $$select tests.sessions('ann') || ' | ' || tests.auth_sessions('ann')$$
  ),
  '1 banned, 2 banned | none', 'without the audit trail and Realtime sessions still end'
);

-- A ban never fails because Latchkey is broken.
select is(
  tests.after(
    broken || $$; select pg_temp.ban(now() + interval '1 hour')$$,
    $$select banned_until - now() from auth.users where id = tests.get_supabase_uid('ann')$$
  ),
  '01:00:00', name
)
from (values
  ('without end_sessions the user is banned',
    $$create or replace function latchkey.end_sessions(
        session_ids uuid[], reason latchkey.revoked_reason,
        revoked_by latchkey.initiating_entity default null,
        revoked_by_session_id uuid default null, revoked_by_ip text default null
      )
      returns integer language plpgsql as 'begin raise exception ''broken''; end'$$),
  ('without the table of sessions the user is banned',
    'alter table latchkey.refresh_tokens rename to refresh_tokens_away')
) cases (name, broken);

select * from finish();
rollback;
