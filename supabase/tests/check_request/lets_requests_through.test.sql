begin;
select plan(10);
select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
select tests.sign_in('ann', 3);
select tests.end_session('ann', 3);
update latchkey.settings set strict = false;

select lives_ok(
  format(
    $$update latchkey.settings set strict = %L; set local role %I;
      set local request.jwt.claims = %L; select latchkey.check_request(); reset role$$,
    strict, role, claims
  ), name
)
from (values
  ('a request without a token', true, 'anon', ''),
  ('a publishable key', true, 'anon', '{"role": "anon"}'),
  ('a secret key', true, 'service_role', '{"role": "service_role"}'),
  ('an active session', true, 'authenticated', '{"sub": "aaaaaaaa-0000-4000-8000-000000000000",
    "role": "authenticated", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}'),
  ('not strict: a session that only Supabase Auth knows', false, 'authenticated',
    '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated",
      "session_id": "aaaaaaaa-0000-4000-8000-000000000002"}'),
  ('not strict: an unknown session', false, 'authenticated',
    '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated",
      "session_id": "cccccccc-0000-4000-8000-000000000001"}'),
  ('not strict: a token without a session', false, 'authenticated',
    '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "email": ""}'),
  ('not strict: a session_id of another issuer', false, 'authenticated',
    '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated",
      "session_id": "------------------------------------"}'),
  ('not strict: a session_id that is not text', false, 'authenticated',
    '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated",
      "session_id": {"a": 1}}')
) cases (name, strict, role, claims);

-- A table of a few rows is cheaper to read whole.
set local enable_seqscan = off;
select tests.authenticate_as('ann');
reset role;
create temp view activity as
  select sum(seq_scan)::integer as full_scans, sum(idx_scan)::integer as index_lookups,
    sum(n_tup_ins + n_tup_upd + n_tup_del)::integer as writes
  from pg_stat_xact_user_tables where schemaname in ('auth', 'latchkey');
create temp table before as select * from activity;
select latchkey.check_request();
create temp table after as select * from activity;
select results_eq(
  'select a.full_scans - b.full_scans, a.index_lookups - b.index_lookups, a.writes - b.writes
    from before b, after a',
  'values (1, 1, 0)',
  'an active session costs one row of settings and one index lookup, and no write'
);

select * from finish();
rollback;
