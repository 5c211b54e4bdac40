begin;
select plan(17);
select tests.reset_settings();

-- Signs ann in with the id of a device, or without one, as a function would.
create function pg_temp.sign_in(session integer, device text default null, identifier text default 'ann')
returns latchkey.login_result language sql volatile as $$
  select tests.create_auth_session(identifier, session);
  select latchkey.login(
    tests.session_id(identifier, session), tests.secret_hash(identifier, session), 'aal1', '[]', 'Firefox',
    '192.0.2.1', null, null, client => 'Firefox on Linux', country => 'DE',
    device_hash => sha256(device::bytea)
  );
$$;
-- The sessions that began on a new device: '2, 3', or 'none'.
create function pg_temp.new_devices(identifier text default 'ann') returns text language sql as $$
  select coalesce(string_agg(right(e.session_id::text, 12)::integer::text, ', ' order by e.session_id), 'none')
  from latchkey.session_events e
  where e.event = 'new_device' and e.user_id = tests.get_supabase_uid(identifier);
$$;

select is(tests.after(change, 'select pg_temp.new_devices()'), expected, name)
from (values
  ('the first device is no alarm', $$select pg_temp.sign_in(1, 'laptop')$$, 'none'),
  ('the same device again', $$select pg_temp.sign_in(1, 'laptop'); select pg_temp.sign_in(2, 'laptop')$$,
    'none'),
  ('a second device', $$select pg_temp.sign_in(1, 'laptop'); select pg_temp.sign_in(2, 'phone')$$, '2'),
  ('a second device is known from then on',
    $$select pg_temp.sign_in(1, 'laptop'); select pg_temp.sign_in(2, 'phone');
      select pg_temp.sign_in(3, 'phone'); select pg_temp.sign_in(4, 'laptop')$$, '2'),
  ('a client without an id, where no device is known', 'select pg_temp.sign_in(1); select pg_temp.sign_in(2)',
    'none'),
  ('the first id after that is no alarm',
    $$select pg_temp.sign_in(1); select pg_temp.sign_in(2, 'laptop')$$, 'none'),
  ('leaving the id out, where a device is known',
    $$select pg_temp.sign_in(1, 'laptop'); select pg_temp.sign_in(2)$$, '2'),
  ('another user''s device',
    $$select pg_temp.sign_in(1, 'laptop', 'bob'); select pg_temp.sign_in(1, 'laptop')$$, 'none'),
  ('a sign-in that the limit refuses remembers nothing',
    $$select pg_temp.sign_in(1, 'laptop');
      update latchkey.settings set sessions_per_user = 1, at_session_limit = 'refuse';
      select pg_temp.sign_in(2, 'phone'); update latchkey.settings set sessions_per_user = 9;
      select pg_temp.sign_in(3, 'phone')$$, '3')
) cases (name, change, expected);

select is(
  tests.after(
    $$select pg_temp.sign_in(1, 'laptop');
      select tests.create_auth_session('ann', 2);
      select latchkey.adopt(
        tests.session_id('ann', 2), tests.get_supabase_uid('ann'), sha256('seed'),
        substr(sha256('n'), 1, 17), 'aal1', '[]', null, null, null, null, 1,
        device_hash => sha256('phone'))$$,
    'select pg_temp.new_devices()'
  ),
  '2', 'an adoption on a new device'
);
select is(
  tests.after(
    $$select pg_temp.sign_in(1, 'laptop'); select pg_temp.sign_in(2, 'phone')$$,
    $$select concat_ws(' ', e.client, e.country, host(e.ip), e.user_agent, e.initiating_entity)
      from latchkey.session_events e where e.event = 'new_device' and e.session_id = tests.session_id('ann', 2)$$
  ),
  'Firefox on Linux DE 192.0.2.1 Firefox user', 'the event says from where'
);
select is(
  tests.after(
    $$delete from latchkey.receivers;
      insert into latchkey.receivers (url, format, events, secrets)
      values ('https://x.example/', 'standard_webhooks', '{session.created}', array[tests.webhook_secret('a')]);
      select pg_temp.sign_in(1, 'laptop'); select pg_temp.sign_in(2, 'phone')$$,
    $$select string_agg(concat_ws(' ', payload -> 'data' ->> 'new_device', payload -> 'data' ->> 'client'),
        ', ' order by payload -> 'data' ->> 'session_id')
      from latchkey.outbox
      where payload -> 'data' ->> 'session_id' like 'aaaaaaaa-0000-4000-8000-00000000000%'$$
  ),
  'false Firefox on Linux, true Firefox on Linux', 'the webhook of the sign-in says it'
);
select is(
  tests.after(
    $$select pg_temp.sign_in(1, 'laptop'); select pg_temp.sign_in(2, 'laptop');
      update latchkey.known_devices set first_seen_at = now() - interval '1 year',
        last_seen_at = now() - interval '1 year' where user_id = tests.get_supabase_uid('ann');
      select pg_temp.sign_in(3, 'laptop')$$,
    $$select concat_ws(' ', right(session_id::text, 1), now() - first_seen_at > '1 day', now() - last_seen_at)
      from latchkey.known_devices where user_id = tests.get_supabase_uid('ann')$$
  ),
  '1 t 00:00:00', 'each sign-in renews the device, and keeps its first session'
);
select is(
  tests.after(
    $$select pg_temp.sign_in(1, 'laptop');
      insert into latchkey.known_devices (user_id, device_hash, session_id, last_seen_at)
      select tests.get_supabase_uid('ann'), sha256(n::text::bytea), tests.session_id('ann'),
        now() - interval '1 day' * n
      from generate_series(1, 120) n;
      select pg_temp.sign_in(2, 'phone')$$,
    $$select concat_ws(' ', count(*), now() - min(last_seen_at)) from latchkey.known_devices
      where user_id = tests.get_supabase_uid('ann')$$
  ),
  '100 98 days', 'only the last 100 devices of a user are kept'
);
select is(
  tests.after(
    $$select pg_temp.sign_in(1, 'laptop');
      delete from auth.users where id = tests.get_supabase_uid('ann')$$,
    $$select count(*) from latchkey.known_devices where user_id = tests.get_supabase_uid('ann')$$
  ),
  '0', 'the devices of a deleted user are forgotten'
);
select is(tests.error_after('select', statement), expected, name)
from (values
  ('a hash of another length is rejected', '23514',
    $$insert into latchkey.known_devices (user_id, device_hash, session_id)
      values (tests.create_supabase_user('cat'), 'x', tests.session_id('cat'))$$),
  ('users do not read their devices', '42501',
    $$select tests.create_auth_session('ann'); select tests.authenticate_as('ann');
      select from latchkey.known_devices$$)
) cases (name, expected, statement);

select * from finish();
rollback;
