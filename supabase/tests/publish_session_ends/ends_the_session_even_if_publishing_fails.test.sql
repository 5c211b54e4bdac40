begin;
select plan(6);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.create_receivers();
create function pg_temp.refuse() returns trigger language plpgsql
as 'begin raise exception ''This row stays''; end';

select is(
  tests.after(
    change || $$; select tests.end_session('ann')$$,
    format('select concat_ws('' | '', tests.sessions(''ann''), %s)', query)
  ),
  '1 admin, 2 active | ' || expected, name
)
from (values
  ('the row of Supabase Auth is deleted, so that its endpoints reject the tokens too', 'select',
    $$tests.auth_sessions('ann')$$, '2'),
  ('without an event it is broadcast and ended in Supabase Auth',
    'alter table latchkey.session_events rename to session_events_away',
    $$tests.auth_sessions('ann'), tests.broadcasts('ann')$$,
    '2 | session 1 hears 1 admin, user hears 1 admin'),
  ('without a broadcast it has its event and is ended in Supabase Auth',
    'create trigger refuse before insert on realtime.messages
      for each row execute function pg_temp.refuse()',
    $$tests.auth_sessions('ann'), tests.events('ann'), tests.broadcasts('ann')$$,
    '2 | 1 authn_token_revoked admin by admin | none'),
  ('without realtime.send() and the audit trail', 'select tests.break_events_and_broadcasts()',
    $$tests.auth_sessions('ann')$$, '2'),
  ('without notices its device is told', 'alter table latchkey.outbox rename to outbox_away',
    $$tests.broadcasts('ann')$$, 'session 1 hears 1 admin, user hears 1 admin'),
  ('if a trigger of the app keeps the row of Supabase Auth, it is broadcast',
    'create trigger refuse before delete on auth.sessions
      for each row execute function pg_temp.refuse()',
    $$tests.auth_sessions('ann'), tests.broadcasts('ann')$$,
    '1, 2 | session 1 hears 1 admin, user hears 1 admin')
) cases (name, change, query, expected);

select * from finish();
rollback;
