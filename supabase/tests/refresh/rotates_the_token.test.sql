begin;
select plan(18);
select tests.reset_settings();
select tests.sign_in('ann');

create function pg_temp.refresh(generation integer) returns text language sql volatile as $$
  select concat_ws(', ',
    concat_ws(' ', r.outcome, r.reason, r.generation), r.access_token_seconds || ' s',
    'session ' || right(r.claims ->> 'session_id', 1), 'user ' || left(r.user_data ->> 'id', 1),
    (select 'now ' || t.generation from latchkey.refresh_tokens t
     where t.session_id = tests.session_id('ann'))
  )
  from tests.refresh('ann', generation) r;
$$;

select is(tests.after(change, format('select pg_temp.refresh(%s)', token)), expected, name)
from (values
  ('the first token is exchanged for the second', 0, 'select',
    'rotated 1, 900 s, session 1, user a, now 0'),
  ('the second token is exchanged for the third', 1, $$select tests.refresh('ann', 0)$$,
    'rotated 2, 900 s, session 1, user a, now 1'),
  ('the third token is exchanged for the fourth', 2,
    $$select tests.refresh('ann', g) from generate_series(0, 1) g$$,
    'rotated 3, 900 s, session 1, user a, now 2'),
  ('a token replaced reuse_interval ago gets its successor again', 0,
    $$select tests.refresh('ann', 0);
      update latchkey.refresh_tokens set rotated_at = now() - interval '10 seconds'
      where session_id = tests.session_id('ann')$$,
    'repeated 1, 900 s, session 1, user a, now 1'),
  ('a replaced token gets its successor any number of times', 0,
    $$select tests.refresh('ann', 0) from generate_series(1, 3)$$,
    'repeated 1, 900 s, session 1, user a, now 1'),
  ('the successor still works after a repetition', 1,
    $$select tests.refresh('ann', 0) from generate_series(1, 2)$$,
    'rotated 2, 900 s, session 1, user a, now 1'),
  ('the last access token ends with the session', 0,
    $$select tests.expire('ann', absolute => '-100 seconds')$$,
    'rotated 1, 100 s, session 1, user a, now 0'),
  ('the last access token ends with the session, repeated too', 0,
    $$select tests.expire('ann', absolute => '-100 seconds'); select tests.refresh('ann', 0)$$,
    'repeated 1, 100 s, session 1, user a, now 1'),
  ('after a restore the database catches up with the token', 7, 'select',
    'rotated 8, 900 s, session 1, user a, now 0'),
  ('after a restore tokens in between count as older tokens', 3, $$select tests.refresh('ann', 7)$$,
    'reused, now 8'),
  ('a ban that has ended does not matter', 0, 
    $$update auth.users set banned_until = now() where id = tests.get_supabase_uid('ann')$$,
    'rotated 1, 900 s, session 1, user a, now 0'),
  ('an AAL1 session within aal1_timeout', 0,
    $$update latchkey.settings set aal1_timeout = '1 hour'$$,
    'rotated 1, 900 s, session 1, user a, now 0'),
  ('reuse_interval_seconds and access_token_seconds apply at once', 0,
    $$select tests.refresh('ann', 0);
      update latchkey.refresh_tokens set rotated_at = now() - interval '30 seconds'
      where session_id = tests.session_id('ann');
      update latchkey.settings set reuse_interval_seconds = 60, access_token_seconds = 120$$,
    'repeated 1, 120 s, session 1, user a, now 1')
) cases (name, token, change, expected);

select is(
  tests.after(
    $$update latchkey.settings set idle_timeout = '1 hour'; select tests.refresh('ann', 0)$$,
    $$select idle_expires_at - now() from latchkey.refresh_tokens
      where session_id = tests.session_id('ann')$$
  ),
  '01:00:00', 'idle_timeout applies at the next rotation'
);

-- The times differ from those that a rotation or a sign-in would write.
update latchkey.refresh_tokens set
  created_at = now() - interval '9 days', expires_at = now() + interval '90 days',
  rotated_at = now() - interval '2 days', idle_expires_at = now() + interval '1 day'
where session_id = tests.session_id('ann');
create temp table before as
  select * from latchkey.refresh_tokens where session_id = tests.session_id('ann');
select tests.refresh('ann', 0);
select results_eq(
  $$select generation, rotated_at between now() and clock_timestamp(), idle_expires_at
    from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
  $$values (1, true, now() + interval '30 days')$$,
  'a rotation restarts the idle timeout'
);
select results_eq(
  $$select to_jsonb(t) - '{generation,rotated_at,idle_expires_at,active_until,last_ip,last_user_agent}'::text[]
    from latchkey.refresh_tokens t where session_id = tests.session_id('ann')$$,
  $$select to_jsonb(b) - '{generation,rotated_at,idle_expires_at,active_until,last_ip,last_user_agent}'::text[]
    from before b$$,
  'a rotation changes nothing else, the absolute expiry in particular'
);

update latchkey.refresh_tokens set
  rotated_at = now() - interval '9 seconds', idle_expires_at = now() + interval '1 day'
where session_id = tests.session_id('ann');
drop table before;
create temp table before as
  select * from latchkey.refresh_tokens where session_id = tests.session_id('ann');
select tests.refresh('ann', 0);
select results_eq(
  $$select * from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
  'select * from before',
  'a repetition changes nothing, so the reuse interval does not start again'
);

select tests.refresh('ann', 1);
select is(
  tests.events('ann') || ', ' || tests.broadcasts('ann'), 'none, none',
  'neither a rotation nor a repetition is an event or a broadcast'
);

select * from finish();
rollback;
