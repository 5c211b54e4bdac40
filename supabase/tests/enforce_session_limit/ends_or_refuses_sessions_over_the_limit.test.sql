begin;
select plan(8);
select tests.reset_settings();
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.create_auth_session('ann', 3);
-- Device 2 signed in before device 1.
update latchkey.refresh_tokens t set created_at = now() - v.ago
from (values (1, interval '2 hours'), (2, interval '3 hours')) v (device, ago)
where t.session_id = tests.session_id('ann', v.device);
update latchkey.settings set sessions_per_user = 2;

create function pg_temp.adopt() returns text language sql as $$
  select concat_ws(' ', outcome, reason) from latchkey.adopt(
    tests.session_id('ann', 3), tests.get_supabase_uid('ann'), sha256('seed'),
    decode(repeat('00', 17), 'hex'), 'aal1', '[]', null, null, null, null, null
  );
$$;
create function pg_temp.login() returns text language sql as $$
  select concat_ws(' ', outcome, reason, claims) from tests.login('ann', 3)
$$;

select is(
  tests.after(change, format(
    $$select concat_ws(
        ' | ', regexp_replace(%s, ' {.*', ''), tests.sessions('ann'), tests.auth_sessions('ann')
      )$$, call
  )),
  expected, name
)
from (values
  ('end_oldest: the session that signed in first ends, in Supabase Auth too', 'select',
    'pg_temp.login()', 'created | 1 active, 2 session_limit, 3 active | 1, 3'),
  ('refuse: the sign-in is refused, and its session of Supabase Auth ends',
    $$update latchkey.settings set at_session_limit = 'refuse'$$, 'pg_temp.login()',
    'refused session_limit | 1 active, 2 active | 1, 2'),
  ('refuse: an adoption is refused, and its session of Supabase Auth, which existed, remains',
    $$update latchkey.settings set at_session_limit = 'refuse'$$, 'pg_temp.adopt()',
    'refused session_limit | 1 active, 2 active | 1, 2, 3'),
  ('an absolutely expired session does not count',
    $$update latchkey.settings set at_session_limit = 'refuse';
      select tests.expire('ann', absolute => '0')$$, 'pg_temp.login()',
    'created | 1 expired, 2 active, 3 active | 1, 2, 3'),
  ('an idle session does not count',
    $$update latchkey.settings set at_session_limit = 'refuse';
      select tests.expire('ann', idle => '0')$$, 'pg_temp.login()',
    'created | 1 expired, 2 active, 3 active | 1, 2, 3'),
  ('a revoked session does not count',
    $$update latchkey.settings set at_session_limit = 'refuse'; select tests.end_session('ann')$$,
    'pg_temp.login()', 'created | 1 admin, 2 active, 3 active | 2, 3'),
  ('a session that Supabase Auth has ended does not count, even if the trigger missed it',
    $$update latchkey.settings set at_session_limit = 'refuse';
      delete from auth.sessions where id = tests.session_id('ann');
      update latchkey.refresh_tokens set revoked_at = null, revoked_reason = null
      where session_id = tests.session_id('ann')$$,
    'pg_temp.login()', 'created | 1 active, 2 active, 3 active | 2, 3')
) cases (name, change, call, expected);
select is(
  tests.after(
    'select pg_temp.login()',
    $$select concat_ws(' by ', tests.broadcasts('ann'), (
        select string_agg(distinct payload ->> 'initiating_entity', ', ') from realtime.messages
        where topic = 'user:' || tests.get_supabase_uid('ann')
      ))$$
  ),
  'session 2 hears 2 session_limit, user hears 2 session_limit by policy',
  'the device of the ended session is told'
);

select * from finish();
rollback;
