begin;
select plan(4);
select tests.sign_in('ann');

create function pg_temp.break_end_sessions() returns void language sql as $$
  create or replace function latchkey.end_sessions(
    session_ids uuid[], reason latchkey.revoked_reason,
    revoked_by latchkey.initiating_entity default null,
    revoked_by_session_id uuid default null, revoked_by_ip text default null
  )
  returns integer language plpgsql as 'begin raise exception ''broken''; end';
$$;

select is(tests.after(change, query), expected, name)
from (values
  ('a sign-out without the table of sessions',
    $$alter table latchkey.refresh_tokens rename to refresh_tokens_away;
      delete from auth.sessions where id = tests.session_id('ann')$$,
    $$select tests.auth_sessions('ann')$$, 'none'),
  ('a sign-out without the audit trail and Realtime still revokes',
    $$select tests.break_events_and_broadcasts();
      delete from auth.sessions where id = tests.session_id('ann')$$,
    $$select tests.sessions('ann')$$, '1 signed_out'),
  ('a sign-out while ends cannot be published; the live check reads auth.sessions too',
    $$create or replace function latchkey.publish_session_ends(ends latchkey.event_record[])
      returns void language plpgsql as 'begin raise exception ''broken''; end';
      delete from auth.sessions where id = tests.session_id('ann')$$,
    $$select tests.session_state('ann')$$, 'revoked signed_out'),
  ('a deletion of the user while Latchkey is broken',
    $$alter table latchkey.session_events rename to session_events_away;
      select pg_temp.break_end_sessions();
      delete from auth.users where id = tests.get_supabase_uid('ann')$$,
    $$select tests.sessions('ann')$$, 'none')
) cases (name, change, query, expected);

select * from finish();
rollback;
