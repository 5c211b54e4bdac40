begin;
select plan(35);
select tests.reset_settings();
select tests.create_auth_session('ann');
select latchkey.login(
  tests.session_id('ann'), tests.secret_hash('ann'), 'aal1', '[]', 'Chrome/152', '192.0.2.1',
  'Laptop', null, client => 'Chrome on Windows', country => 'DE'
);

create function pg_temp.refresh(
  generation integer, client text default 'Chrome on Windows', country text default 'DE',
  user_agent text default 'Chrome/153', ip text default '198.51.100.7'
)
returns latchkey.refresh_result language sql volatile as $$
  select latchkey.refresh(
    tests.session_id('ann'), generation, tests.secret_hash('ann'), null, ip,
    user_agent => user_agent, client => client, country => country
  );
$$;
-- 'rotated 1 aal1', with 'changed' if an event was written.
create function pg_temp.answer(result latchkey.refresh_result) returns text language sql as $$
  select concat_ws(
    ' ', result.outcome, result.reason, result.generation, result.claims ->> 'aal',
    case when result.client_changed then 'changed' end
  );
$$;
-- 'Chrome on Windows DE -> curl US at 198.51.100.7', …, or 'none'.
create function pg_temp.changes() returns text language sql as $$
  select coalesce(string_agg(
    concat_ws(' ', e.previous_client, e.previous_country, '->', e.client, e.country, 'at', host(e.ip)),
    ', ' order by e.ip
  ), 'none')
  from latchkey.session_events e
  where e.session_id = tests.session_id('ann') and e.event = 'session_client_changed';
$$;

-- What is stored.
select is(
  tests.after(
    change,
    $$select concat_ws(' ', host(last_ip), last_user_agent, client, country, '/', host(ip), user_agent)
      from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$
  ), expected, name
)
from (values
  ('a session starts with the client of its sign-in', 'select',
    '192.0.2.1 Chrome on Windows DE / 192.0.2.1 Chrome/152'),
  ('a rotation stores the client that it comes from', 'select pg_temp.refresh(0)',
    '198.51.100.7 Chrome/153 Chrome on Windows DE / 192.0.2.1 Chrome/152'),
  ('a country that is not known keeps the last one', 'select pg_temp.refresh(0, country => null)',
    '198.51.100.7 Chrome/153 Chrome on Windows DE / 192.0.2.1 Chrome/152'),
  ('a new country is stored, though it is no change', $$select pg_temp.refresh(0, country => 'US')$$,
    '198.51.100.7 Chrome/153 Chrome on Windows US / 192.0.2.1 Chrome/152'),
  ('a changed client is stored', $$select pg_temp.refresh(0, 'curl', 'US', 'curl/8')$$,
    '198.51.100.7 curl/8 curl US / 192.0.2.1 Chrome/152'),
  ('a repetition by the same client stores nothing',
    $$select pg_temp.refresh(0); select pg_temp.refresh(0, ip => '203.0.113.1')$$,
    '198.51.100.7 Chrome/153 Chrome on Windows DE / 192.0.2.1 Chrome/152'),
  ('the header of the sign-in is not stored twice',
    $$select pg_temp.refresh(0); select pg_temp.refresh(1, user_agent => 'Chrome/152')$$,
    '198.51.100.7 Chrome on Windows DE / 192.0.2.1 Chrome/152'),
  ('without a known address it is null', 'select pg_temp.refresh(0, ip => null)',
    'Chrome/153 Chrome on Windows DE / 192.0.2.1 Chrome/152')
) cases (name, change, expected);
select is(
  tests.after(
    $$select pg_temp.refresh(0, user_agent => repeat('x', 600))$$,
    $$select length(last_user_agent) from latchkey.refresh_tokens
      where session_id = tests.session_id('ann')$$
  ),
  '512', 'a long header is cut'
);

-- What a change causes.
select is(
  tests.after(
    change,
    format('select pg_temp.answer(pg_temp.refresh(%s)) || ''; '' || pg_temp.changes()', arguments)
  ),
  expected, name
)
from (values
  ('a new version is no change', '0', 'select', 'rotated 1 aal1; none'),
  ('another client is recorded and served by default', $$0, 'curl', 'US'$$, 'select',
    'rotated 1 aal1 changed; Chrome on Windows DE -> curl US at 198.51.100.7'),
  ('another country is not, by default', $$0, country => 'US'$$, 'select', 'rotated 1 aal1; none'),
  ('another country is recorded with client_change country', $$0, country => 'US'$$,
    $$update latchkey.settings set client_change = 'country'$$,
    'rotated 1 aal1 changed; Chrome on Windows DE -> Chrome on Windows US at 198.51.100.7'),
  ('ignore', $$0, 'curl'$$, $$update latchkey.settings set on_client_change = 'ignore'$$,
    'rotated 1 aal1; none'),
  ('end', $$0, 'curl'$$, $$update latchkey.settings set on_client_change = 'end'$$,
    'revoked suspicious changed; Chrome on Windows DE -> curl DE at 198.51.100.7'),
  ('step_up of a session with aal1', $$0, 'curl'$$,
    $$update latchkey.settings set on_client_change = 'step_up'$$,
    'rotated 1 aal1 changed; Chrome on Windows DE -> curl DE at 198.51.100.7'),
  ('step_up of a session with aal2', $$0, 'curl'$$,
    $$update latchkey.settings set on_client_change = 'step_up';
      update auth.sessions set aal = 'aal2' where id = tests.session_id('ann')$$,
    'rotated 1 aal1 changed; Chrome on Windows DE -> curl DE at 198.51.100.7'),
  ('the next refresh by the same client is no change', $$1, 'curl'$$,
    $$select pg_temp.refresh(0, 'curl', ip => '203.0.113.1')$$,
    'rotated 2 aal1; Chrome on Windows DE -> curl DE at 203.0.113.1'),
  ('a copy used within the reuse interval is noticed', $$0, 'curl'$$, 'select pg_temp.refresh(0)',
    'repeated 1 aal1 changed; Chrome on Windows DE -> curl DE at 198.51.100.7'),
  ('and is lowered by step_up', $$0, 'curl'$$,
    $$update latchkey.settings set on_client_change = 'step_up';
      update auth.sessions set aal = 'aal2' where id = tests.session_id('ann');
      select pg_temp.refresh(0)$$,
    'repeated 1 aal1 changed; Chrome on Windows DE -> curl DE at 198.51.100.7'),
  ('and ended by end', $$0, 'curl'$$,
    $$update latchkey.settings set on_client_change = 'end'; select pg_temp.refresh(0)$$,
    'revoked suspicious changed; Chrome on Windows DE -> curl DE at 198.51.100.7'),
  ('a reuse is theft already', $$0, 'curl'$$,
    $$select pg_temp.refresh(0); select pg_temp.refresh(1)$$, 'reused; none'),
  ('an ended session is not watched', $$0, 'curl'$$, $$select tests.end_session('ann')$$,
    'revoked admin; none'),
  ('nor an expired one', $$0, 'curl'$$, $$select tests.expire('ann', idle => '0')$$,
    'expired idle; none'),
  ('a bound session is not changed by a client without its key', $$0, 'curl'$$,
    $$update latchkey.settings set on_client_change = 'end';
      update latchkey.refresh_tokens set jkt = sha256('key') where session_id = tests.session_id('ann')$$,
    'proof_required; none')
) cases (name, arguments, change, expected);
select is(
  tests.after(
    'select',
    $$select outcome from latchkey.refresh(
      tests.session_id('ann'), 0, tests.secret_hash('bob'), null, null, client => 'curl')$$
  ) || '; ' || pg_temp.changes(),
  'unknown; none', 'a wrong secret changes nothing'
);

-- A client that changes its name at each refresh.
create function pg_temp.flood(first integer, last integer) returns void language sql as $$
  select pg_temp.refresh(g, 'client ' || g) from generate_series(first, last) g;
$$;
select is(
  tests.after(
    change,
    $$select count(*) || ' ' || (
        select client from latchkey.refresh_tokens where session_id = tests.session_id('ann')
      )
      from latchkey.session_events
      where session_id = tests.session_id('ann') and event = 'session_client_changed'$$
  ), expected, name
)
from (values
  ('ten changes are ten events', 'select pg_temp.flood(0, 9)', '10 client 9'),
  ('more changes in an hour are stored without an event', 'select pg_temp.flood(0, 29)',
    '10 client 29'),
  ('an hour later there are events again',
    $$select pg_temp.flood(0, 19);
      update latchkey.session_events set created_at = now() - interval '1 hour'
      where session_id = tests.session_id('ann') and event = 'session_client_changed';
      select pg_temp.flood(20, 21)$$, '12 client 21')
) cases (name, change, expected);

-- step_up.
update latchkey.settings set on_client_change = 'step_up';
update auth.sessions set aal = 'aal2' where id = tests.session_id('ann');
select is(
  tests.after(
    change, $$select pg_temp.answer(pg_temp.refresh(1, 'curl'))$$
  ), expected, name
)
from (values
  ('the session keeps aal1 until a factor is verified', $$select pg_temp.refresh(0, 'curl')$$,
    'rotated 2 aal1'),
  ('verifying a factor lifts it',
    $$select pg_temp.refresh(0, 'curl');
      update auth.sessions set aal = 'aal2' where id = tests.session_id('ann')$$,
    'rotated 2 aal2'),
  ('a change back is a change too', $$select pg_temp.refresh(0)$$, 'rotated 2 aal1 changed')
) cases (name, change, expected);
select is(
  tests.after(
    $$update latchkey.refresh_tokens set aal = 'aal2' where session_id = tests.session_id('ann');
      update auth.sessions set aal = null where id = tests.session_id('ann')$$,
    $$select pg_temp.answer(pg_temp.refresh(0, 'curl'))$$
  ),
  'rotated 1 aal1 changed', 'it also works with an Auth server that does not store the level'
);
select is(
  tests.after(
    $$select pg_temp.refresh(0, 'curl')$$,
    $$select aal from auth.sessions where id = tests.session_id('ann')$$
  ),
  'aal1', 'Supabase Auth has the lower level, so it lets nobody enrol another factor'
);

-- end.
update latchkey.settings set on_client_change = 'end';
select is(
  tests.after(
    $$select pg_temp.refresh(0, 'curl')$$,
    $$select tests.sessions('ann') || '; ' || tests.auth_sessions('ann') || '; ' || tests.events('ann')$$
  ),
  '1 suspicious; none; 1 session_client_changed by, 1 authn_token_revoked suspicious by policy',
  'the session ends everywhere, by policy'
);

select * from finish();
rollback;
