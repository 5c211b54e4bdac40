begin;
select plan(23);
select tests.reset_settings();
select tests.sign_in('ann', device) from generate_series(1, 3) device;
select tests.create_auth_session('ann', 4);
select tests.sign_in('bob');

create function pg_temp.answer(device integer, scope text default 'local') returns text language sql volatile as $$
  select concat_ws(' ', outcome, revoked, case when more then 'more' end)
  from latchkey.disavow(tests.session_id('ann', device), scope::latchkey.revoke_scope, '203.0.113.1');
$$;
create function pg_temp.state() returns text language sql as $$
  select tests.sessions('ann') || '; Auth ' || tests.auth_sessions('ann') || '; bob ' || tests.sessions('bob');
$$;

select is(tests.after(change, format('select pg_temp.answer(%s)', arguments)), expected, name)
from (values
  ('the session', '1', 'select', 'done 1'),
  ('all of the user''s sessions, also those that only Supabase Auth has', $$1, 'global'$$, 'select', 'done 4'),
  ('a second time', '1', 'select pg_temp.answer(1)', 'used'),
  ('a second time for all', $$1, 'global'$$, 'select pg_temp.answer(1)', 'used'),
  ('another session of the user has its own token', '2', 'select pg_temp.answer(1)', 'done 1'),
  ('a session that has ended already', '1', $$select tests.end_session('ann')$$, 'done 0'),
  ('and the others', $$1, 'global'$$, $$select tests.end_session('ann')$$, 'done 3'),
  ('a session that has expired', '1', $$select tests.expire('ann', idle => '0')$$, 'done 0'),
  ('a session that Supabase Auth has ended', '1',
    $$delete from auth.sessions where id = tests.session_id('ann')$$, 'done 0'),
  ('a session whose row was pruned', '1',
    $$delete from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$, 'unknown'),
  ('a session that Latchkey never had', '4', 'select', 'unknown'),
  ('a session of nobody', '9', 'select', 'unknown'),
  ('a session of a deleted user', '1', $$delete from auth.users where id = tests.get_supabase_uid('ann')$$,
    'unknown')
) cases (name, arguments, change, expected);

select is(tests.after(format('select pg_temp.answer(%s)', arguments), 'select pg_temp.state()'), expected, name)
from (values
  ('only that session ends', '1', '1 suspicious, 2 active, 3 active; Auth 2, 3, 4; bob 1 active'),
  ('all sessions of the user end, and nobody else''s', $$1, 'global'$$,
    '1 suspicious, 2 user, 3 user; Auth none; bob 1 active')
) cases (name, arguments, expected);
select is(
  tests.after(
    $$select tests.end_session('ann'); select pg_temp.answer(1, 'global')$$, 'select pg_temp.state()'
  ),
  '1 admin, 2 user, 3 user; Auth none; bob 1 active', 'a session that has ended keeps its reason'
);
select is(
  tests.after(
    'select pg_temp.answer(1)',
    $$select string_agg(concat_ws(' ', event, reason, 'by', initiating_entity, host(actor_ip)), ', ' order by event)
      from latchkey.session_events
      where session_id = tests.session_id('ann') and event <> 'session_created'$$
  ),
  'authn_token_revoked suspicious by user 203.0.113.1, session_disavowed by user 203.0.113.1',
  'the events say who, and from where'
);

-- The device of the session.
insert into latchkey.known_devices (user_id, device_hash, session_id) values
  (tests.get_supabase_uid('ann'), sha256('thief'), tests.session_id('ann')),
  (tests.get_supabase_uid('ann'), sha256('laptop'), tests.session_id('ann', 2));
select is(
  tests.after(
    format('select pg_temp.answer(%s)', device),
    $$select string_agg(right(session_id::text, 1), ', ' order by session_id) from latchkey.known_devices
      where user_id = tests.get_supabase_uid('ann')$$
  ), expected, name
)
from (values
  ('a device that was new with the session is forgotten', 1, '2'),
  ('a session on a device that was known before forgets none', 3, '1, 2')
) cases (name, device, expected);

-- More sessions than one call ends.
select is(
  tests.after(
    $$insert into auth.sessions (id, user_id)
      select gen_random_uuid(), tests.get_supabase_uid('ann') from generate_series(1, 1000)$$,
    $$select pg_temp.answer(1, 'global') || ', ' || pg_temp.answer(1, 'global') || ', ' || pg_temp.answer(1)$$
  ),
  'done 1001 more, done 3, used', 'until every session has ended, the same token can be sent again'
);
select is(tests.error_after('select', statement), expected, name)
from (values
  ('the scope others is rejected', '22023', $$select pg_temp.answer(1, 'others')$$),
  ('no scope is rejected', '22023', 'select pg_temp.answer(1, null)'),
  ('a user may not call it', '42501',
    $$select tests.authenticate_as('ann');
      select latchkey.disavow(tests.session_id('bob'), 'local', null)$$)
) cases (name, expected, statement);

select * from finish();
rollback;
