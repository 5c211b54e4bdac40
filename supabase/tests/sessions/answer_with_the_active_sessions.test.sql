-- latchkey.sessions() as the endpoint calls it.
begin;
select plan(10);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.sign_in('bob');
update latchkey.refresh_tokens set
  created_at = '2026-01-01', rotated_at = '2026-01-02',
  expires_at = '2100-01-03', idle_expires_at = '2100-01-02'
where session_id = tests.session_id('ann');
set local timezone = 'UTC';

select is(
  tests.after(change, format(
    $$select concat_ws(' ', s.outcome, s.reason, jsonb_path_query_array(s.sessions, '$[*].device_name'))
      from latchkey.sessions(%L, tests.get_supabase_uid('ann')) s$$, caller
  )),
  expected, name
)
from (values
  ('the sessions that Latchkey manages, the last used first', tests.session_id('ann'), 'select',
    'active ["Phone", "Laptop"]'),
  ('an idle session is not listed', tests.session_id('ann'), $$select tests.expire('ann', 2, '0')$$,
    'active ["Laptop"]'),
  ('a session that only Supabase Auth knows may ask, and is not listed',
    tests.session_id('ann', 3), 'select', 'active ["Phone", "Laptop"]'),
  ('without a session to list, the list is empty', tests.session_id('ann', 3),
    $$select tests.end_session('ann', device) from generate_series(1, 2) device$$, 'active []'),
  ('a revoked caller gets the reason and no list', tests.session_id('ann'),
    $$select tests.end_session('ann')$$, 'revoked admin'),
  ('an absolutely expired caller', tests.session_id('ann'),
    $$select tests.expire('ann', absolute => '0')$$, 'expired absolute'),
  ('an idle caller', tests.session_id('ann'), $$select tests.expire('ann', idle => '0')$$,
    'expired idle'),
  ('a caller whose session belongs to another user', tests.session_id('bob'), 'select',
    'revoked signed_out')
) cases (name, caller, change, expected);

select is(
  (latchkey.sessions(tests.session_id('ann'), tests.get_supabase_uid('ann'))).sessions -> 1,
  '{
    "session_id": "aaaaaaaa-0000-4000-8000-000000000001",
    "created_at": "2026-01-01T00:00:00+00:00",
    "last_used_at": "2026-01-02T00:00:00+00:00",
    "expires_at": "2100-01-02T00:00:00+00:00",
    "user_agent": "Firefox", "ip": "192.0.2.1",
    "last_user_agent": null, "last_ip": "192.0.2.1", "client": null, "country": null,
    "device_name": "Laptop", "bound": false,
    "current": true
  }'::jsonb,
  'each session has these fields; expires_at is the earlier of the two expiries'
);
select results_eq(
  $$select s ->> 'session_id', s ->> 'user_agent', s ->> 'ip', (s ->> 'current')::boolean
    from jsonb_array_elements((latchkey.sessions(
      tests.session_id('ann'), tests.get_supabase_uid('ann')
    )).sessions) s$$,
  $$values (tests.session_id('ann', 2)::text, 'Safari', '192.0.2.2', false),
    (tests.session_id('ann')::text, 'Firefox', '192.0.2.1', true)$$,
  'the calling session is marked'
);

select * from finish();
rollback;
