begin;
select plan(22);
select tests.reset_settings();
select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
select tests.create_supabase_user('ben');

-- Adopts a session of a sign-in with a one-time password. The nonces of the first and the
-- second call consist of zeros and of ones.
create function pg_temp.adopt(
  nonce integer, issued_at timestamptz default null, device integer default 1,
  aal text default 'aal1', method text default 'otp', identifier text default 'ann'
)
returns latchkey.adopt_result language sql as $$
  select latchkey.adopt(
    tests.session_id('ann', device), tests.get_supabase_uid(identifier),
    sha256(case nonce when 0 then 'seed' else 'another' end::bytea),
    decode(repeat('0' || nonce, 17), 'hex'), aal,
    jsonb_build_array(jsonb_build_object('method', method, 'timestamp', 1))::text,
    'Firefox', '192.0.2.1', 'Laptop', 'https://x/auth/v1', extract(epoch from issued_at)::bigint
  );
$$;
create function pg_temp.answer(result latchkey.adopt_result) returns text language sql as $$
  select concat_ws(
    ' ', result.outcome, result.reason, result.generation, result.access_token_seconds,
    'nonce ' || right(result.adoption_nonce::text, 1), result.claims ->> 'aal',
    result.claims -> 'amr' -> 0 ->> 'method'
  );
$$;

select is(
  tests.after(change, format('select pg_temp.answer(pg_temp.adopt(%s))', arguments)), expected, name
)
from (values
  ('the first token has generation 0', '0', 'select', 'created 0 900 nonce 0 aal1 otp'),
  ('a second call returns the first nonce, from which the function derives the same secret',
    '1, now()', 'select pg_temp.adopt(0)', 'repeated 0 900 nonce 0 aal1 otp'),
  ('a second call returns the current generation', '1, now()',
    $$select pg_temp.adopt(0);
      select latchkey.refresh(tests.session_id('ann'), 0, sha256('seed'), null, null)$$,
    'repeated 1 900 nonce 0 aal1 otp'),
  ('a second call without the time of issue: the token may be Latchkey''s', '1',
    'select pg_temp.adopt(0)', 'managed'),
  ('a second call with a token issued later, which a thief could have got by enrolling a factor',
    $$1, now() + interval '7 seconds'$$, 'select pg_temp.adopt(0)', 'managed'),
  ('a session of a sign-in with a password: its access token becomes no refresh token', '1',
    $$select tests.login('ann')$$, 'managed'),
  ('a token from before the second factor does not lower aal', '0',
    $$update auth.sessions set aal = 'aal2' where id = tests.session_id('ann')$$,
    'created 0 900 nonce 0 aal2 otp'),
  ('nor does a second call with it', '1, now()',
    $$update auth.sessions set aal = 'aal2' where id = tests.session_id('ann');
      select pg_temp.adopt(0)$$,
    'repeated 0 900 nonce 0 aal2 otp'),
  ('a second call returns the methods known by now', $$1, now(), 1, 'aal2', 'totp'$$,
    $$update auth.sessions set aal = 'aal2' where id = tests.session_id('ann');
      select pg_temp.adopt(0)$$,
    'repeated 0 900 nonce 0 aal2 totp'),
  ('a token from before the removal of a factor does not raise aal', $$0, null, 1, 'aal2'$$,
    $$update auth.sessions set aal = 'aal1' where id = tests.session_id('ann')$$,
    'created 0 900 nonce 0 aal1 otp'),
  ('a session that Supabase Auth does not have', '0, null, 9', 'select', 'revoked signed_out'),
  ('another user''s session', $$0, identifier => 'ben'$$, 'select', 'revoked signed_out'),
  ('a session that ended before its adoption', '0', $$select tests.end_session('ann')$$,
    'revoked signed_out'),
  ('a session that was revoked after its adoption says why', '0',
    $$select pg_temp.adopt(0); select tests.end_session('ann')$$, 'revoked admin'),
  ('a session past the expiry that Supabase Auth set', '0',
    $$update auth.sessions set not_after = now() where id = tests.session_id('ann')$$,
    'expired absolute'),
  ('a banned user', '0, null, 2',
    $$update auth.users set banned_until = now() + interval '1 hour'
      where id = tests.get_supabase_uid('ann');
      select tests.create_auth_session('ann', 2)
      where not exists (select from auth.sessions where id = tests.session_id('ann', 2))$$, 'banned')
) cases (name, arguments, change, expected);

select is(
  tests.after(
    $$update auth.sessions set not_after = now() + interval '1 day' where id = tests.session_id('ann');
      select pg_temp.adopt(0)$$,
    $$select expires_at - now() from latchkey.refresh_tokens
      where session_id = tests.session_id('ann')$$
  ),
  '1 day', 'an expiry that Supabase Auth set is kept'
);
select is(
  tests.after(
    $$select tests.login('ann'); select pg_temp.adopt(1)$$,
    $$select outcome from tests.refresh('ann', 0)$$
  ),
  'rotated', 'a session of a sign-in with a password continues'
);

update auth.sessions set aal = null where id = tests.session_id('ann');
create temp table answer as select * from pg_temp.adopt(0);
select results_eq(
  $$select claims ->> 'session_id', claims ->> 'aal', claims -> 'amr', claims ->> 'iss' from answer$$,
  $$values (tests.session_id('ann')::text, 'aal1',
    '[{"method": "otp", "timestamp": 1}]'::jsonb, 'https://x/auth/v1')$$,
  'the claims are those of the session of Supabase Auth'
);
create temp table before as
  select * from latchkey.refresh_tokens where session_id = tests.session_id('ann');
select results_eq(
  'select user_id, secret_hash, generation, aal, user_agent, ip, device_name from before',
  $$values (tests.get_supabase_uid('ann'), sha256('seed'), 0, 'aal1',
      'Firefox', '192.0.2.1'::inet, 'Laptop')$$,
  'one row, as of a sign-in with a password'
);
select pg_temp.adopt(1, now());
select results_eq(
  $$select * from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$,
  'select * from before', 'a second call writes nothing'
);
select is(
  (select string_agg(event::text, ', ') from latchkey.session_events
   where session_id = tests.session_id('ann')),
  'session_created', 'both calls are one event'
);

select * from finish();
rollback;
