begin;
select plan(10);
select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');

select is(
  tests.error_after(
    format('update latchkey.settings set strict = %L; ', strict) || change,
    'select latchkey.check_request()'
  ),
  'no error', name
)
from (values
  ('a request without a token', true, 'set local role anon'),
  ('a publishable key', true,
    $$set local role anon; set local request.jwt.claims = '{"role": "anon"}'$$),
  ('a secret key', true, 'select tests.authenticate_as_service_role()'),
  ('an active session', true, $$select tests.authenticate_as('ann')$$),
  ('not strict: a session that only Supabase Auth knows', false,
    $$select tests.authenticate_as('ann', 2)$$),
  ('not strict: an unknown session', false, $$select tests.authenticate_as('cat')$$),
  ('not strict: a token without a session', false,
    $$select tests.authenticate_as('ann', 1, '{"session_id": null, "email": ""}')$$),
  ('not strict: a session_id of another issuer', false,
    $$select tests.authenticate_as('ann', 1, '{"session_id": "------------------------------------"}')$$),
  ('not strict: a session_id that is not text', false,
    $$select tests.authenticate_as('ann', 1, '{"session_id": {"a": 1}}')$$)
) cases (name, strict, change);

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
