-- Realtime inserts a row of the topic and asks whether the user can read it: then the user
-- may join the channel.
begin;
select plan(17);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.sign_in('bob');
insert into realtime.messages (topic, extension)
select topic, extension
from unnest(array[
    'session:' || tests.session_id('ann'), 'session:' || tests.session_id('ann', 2),
    'session:' || tests.session_id('ann', 3), 'user:' || tests.get_supabase_uid('ann'),
    'session:' || tests.session_id('bob'), 'user:' || tests.get_supabase_uid('bob'),
    'session:', 'room:' || tests.get_supabase_uid('ann')
  ]) topic, unnest(array['broadcast', 'presence']) extension;

create function pg_temp.read(topic text) returns text language plpgsql as $$
begin
  perform set_config('realtime.topic', topic, true);
  return (
    select coalesce(string_agg(m.extension, ', '), 'nothing')
    from realtime.messages m where m.topic = $1
  );
end
$$;

select is(tests.after(change, format('select pg_temp.read(%L)', topic)), expected, name)
from (values
  ('the channel of the session: broadcasts, no presence', $$select tests.authenticate_as('ann')$$,
    'session:' || tests.session_id('ann'), 'broadcast'),
  ('the channel of the user: broadcasts, no presence', $$select tests.authenticate_as('ann')$$,
    'user:' || tests.get_supabase_uid('ann'), 'broadcast'),
  ('the channel of a session that only Supabase Auth knows',
    $$select tests.authenticate_as('ann', 3)$$, 'session:' || tests.session_id('ann', 3), 'broadcast'),
  ('the channel of the user of such a session', $$select tests.authenticate_as('ann', 3)$$,
    'user:' || tests.get_supabase_uid('ann'), 'broadcast'),
  ('the channel of a revoked session',
    $$select tests.end_session('ann'); select tests.authenticate_as('ann')$$,
    'session:' || tests.session_id('ann'), 'nothing'),
  ('the channel of the user of a revoked session',
    $$select tests.end_session('ann'); select tests.authenticate_as('ann')$$,
    'user:' || tests.get_supabase_uid('ann'), 'nothing'),
  ('the session of another user', $$select tests.authenticate_as('ann')$$,
    'session:' || tests.session_id('bob'), 'nothing'),
  ('another user', $$select tests.authenticate_as('ann')$$,
    'user:' || tests.get_supabase_uid('bob'), 'nothing'),
  ('another session of the user', $$select tests.authenticate_as('ann')$$,
    'session:' || tests.session_id('ann', 2), 'nothing'),
  ('a topic without a session', $$select tests.authenticate_as('ann')$$, 'session:', 'nothing'),
  ('any other channel', $$select tests.authenticate_as('ann')$$,
    'room:' || tests.get_supabase_uid('ann'), 'nothing'),
  ('without a sign-in, the channel of a user', 'set local role anon',
    'user:' || tests.get_supabase_uid('ann'), 'nothing'),
  ('without a sign-in, a topic without a session', 'set local role anon', 'session:', 'nothing')
) cases (name, change, topic, expected);

-- A forged end of a session would sign the user out of the app.
select is(
  tests.error_after(
    change || format($$; set local realtime.topic = %L$$, topic),
    format(
      $$insert into realtime.messages (topic, extension, event, private)
        values (%L, 'broadcast', 'session-revoked', true)$$, topic
    )
  ),
  '42501', name
)
from (values
  ('a user sends nothing on the user''s channel', $$select tests.authenticate_as('ann')$$,
    'user:' || tests.get_supabase_uid('ann')),
  ('a user sends nothing on the channel of the session', $$select tests.authenticate_as('ann')$$,
    'session:' || tests.session_id('ann')),
  ('without a sign-in nothing is sent', 'set local role anon',
    'user:' || tests.get_supabase_uid('ann'))
) cases (name, change, topic);

select tests.authenticate_as('ann');
select set_config('realtime.topic', 'user:' || tests.get_supabase_uid('ann'), true);
select is_empty(
  $$update realtime.messages set payload = '{}'
    where topic = 'user:' || tests.get_supabase_uid('ann') returning id$$,
  'a user changes no message'
);
reset role;

select * from finish();
rollback;
