-- latchkey.sessions as supabase-js reads it: select * works, since no column is secret.
begin;
select plan(13);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.sign_in('bob');

select is(
  tests.after(
    change,
    $$select coalesce(string_agg(right(session_id::text, 1) || case when current then ' current' else '' end,
        ', ' order by session_id), 'none') from latchkey.sessions$$
  ),
  expected, name
)
from (values
  ('the user''s own sessions', $$select tests.authenticate_as('ann')$$, '1 current, 2'),
  ('a session that only Supabase Auth knows reads the others, and is not listed',
    $$select tests.authenticate_as('ann', 3)$$, '1, 2'),
  ('a revoked session is not listed',
    $$select tests.end_session('ann', 2); select tests.authenticate_as('ann')$$, '1 current'),
  ('an absolutely expired session is not listed',
    $$select tests.expire('ann', 2, absolute => '0'); select tests.authenticate_as('ann')$$,
    '1 current'),
  ('an idle session is not listed',
    $$select tests.expire('ann', 2, idle => '0'); select tests.authenticate_as('ann')$$, '1 current'),
  ('a revoked session reads none, although its access token is valid',
    $$select tests.end_session('ann'); select tests.authenticate_as('ann')$$, 'none'),
  ('a token without claims reads none', 'set local role authenticated', 'none')
) cases (name, change, expected);

select is(tests.error_after(change, statement), '42501', name)
from (values
  ('anon reads none', 'set local role anon', 'select from latchkey.sessions'),
  ('service_role reads none', 'set local role service_role', 'select from latchkey.sessions'),
  ('a user changes none', $$select tests.authenticate_as('ann')$$,
    $$update latchkey.sessions set device_name = 'Mine'$$),
  ('a user deletes none', $$select tests.authenticate_as('ann')$$, 'delete from latchkey.sessions'),
  ('a user adds none', $$select tests.authenticate_as('ann')$$,
    $$insert into latchkey.sessions (session_id) values (tests.session_id('ann', 2))$$)
) cases (name, change, statement);

update latchkey.refresh_tokens set
  created_at = '2026-01-01T00:00:00Z', rotated_at = '2026-02-01T00:00:00Z',
  expires_at = '2126-01-01T00:00:00Z', idle_expires_at = '2125-01-01T00:00:00Z'
where user_id = tests.get_supabase_uid('ann');
update latchkey.refresh_tokens set expires_at = '2124-01-01T00:00:00Z'
where session_id = tests.session_id('ann', 2);
select tests.authenticate_as('ann');
select results_eq(
  'select * from latchkey.sessions order by session_id',
  $$values
    (tests.session_id('ann'), tests.get_supabase_uid('ann'),
      '2026-01-01T00:00:00Z'::timestamptz, '2026-02-01T00:00:00Z'::timestamptz,
      '2125-01-01T00:00:00Z'::timestamptz, 'aal1',
      'Firefox', '192.0.2.1'::inet, null::text, '192.0.2.1'::inet, null::text, null::text, 'Laptop', false, true),
    (tests.session_id('ann', 2), tests.get_supabase_uid('ann'),
      '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z',
      '2124-01-01T00:00:00Z', 'aal1',
      'Safari', '192.0.2.2', null, '192.0.2.2', null, null, 'Phone', false, false)$$,
  'each row has these columns; expires_at is the earlier of the two expiries'
);
reset role;

select * from finish();
rollback;
