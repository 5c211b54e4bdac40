begin;
select plan(9);
select tests.create_supabase_user('ann');
select tests.create_supabase_user('bob');

-- Of ann's 1,100 sessions, Latchkey knows 1,050.
insert into auth.sessions (id, user_id)
select tests.session_id('ann', i), tests.get_supabase_uid('ann') from generate_series(1, 1100) i;
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at)
select tests.session_id('ann', i), tests.get_supabase_uid('ann'), sha256('seed'),
  now() + interval '1 day', now() + interval '1 day'
from generate_series(1, 1050) i;
-- Of bob's 1,500 sessions, 11 are active: the caller and the last 10.
insert into auth.sessions (id, user_id)
select tests.session_id('bob', i), tests.get_supabase_uid('bob') from generate_series(1, 1500) i;
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at)
select tests.session_id('bob', i), tests.get_supabase_uid('bob'), sha256('seed'), e, e
from generate_series(1, 1500) i, lateral (
  select now() + case when i = 1 or i > 1490 then interval '1 day' else interval '-1 day' end
) expiry (e);

prepare revoke (text, latchkey.revoke_scope) as
  select outcome::text, revoked, more from latchkey.revoke(
    tests.session_id($1), tests.get_supabase_uid($1), null, $2, null, null
  );
select results_eq(
  $$execute revoke ('ann', 'global')$$, $$values ('done', 1000, true)$$,
  'the first call ends 1,000 and says that there are more'
);
select is(tests.session_state('ann'), 'active', 'the caller is still active, to end the rest');
select results_eq(
  $$execute revoke ('ann', 'global')$$, $$values ('done', 100, false)$$,
  'the second call ends the rest, those of Supabase Auth too, and the caller'
);
select is(tests.auth_sessions('ann'), 'none', 'no session is left');
select results_eq(
  $$select revoked_reason::text, count(*)::integer from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') group by 1 order by 1$$,
  $$values ('signed_out', 1), ('user', 1049)$$,
  'only the caller has signed out'
);
select is(
  (select count(*)::integer from latchkey.session_events
    where user_id = tests.get_supabase_uid('ann')),
  1050, 'each session of Latchkey has one event'
);

create temp table first_call as execute revoke ('bob', 'others');
create temp table second_call as execute revoke ('bob', 'others');
select results_eq(
  'select a.more, b.more from first_call a, second_call b', 'values (true, false)',
  'a call that only found expired sessions says that there are more'
);
select is((select a.revoked + b.revoked from first_call a, second_call b), 10, 'active sessions alone are counted');
select is(
  latchkey.sessions_of_user(tests.get_supabase_uid('bob'), null, null),
  array[tests.session_id('bob')], 'the caller is left'
);

select * from finish();
rollback;
