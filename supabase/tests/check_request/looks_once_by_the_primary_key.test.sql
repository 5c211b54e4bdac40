begin;
select plan(1);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
-- A table of a few rows is cheaper to read whole.
set local enable_seqscan = off;
create temp view looks as
  select sum(seq_scan)::integer as whole_tables, sum(idx_scan)::integer as index_lookups,
    sum(n_tup_ins + n_tup_upd + n_tup_del)::integer as writes
  from pg_stat_xact_user_tables where schemaname in ('auth', 'latchkey');
create temp table before as select * from looks;
select latchkey.check_request();
create temp table after as select * from looks;

select results_eq(
  'select a.whole_tables - b.whole_tables, a.index_lookups - b.index_lookups, a.writes - b.writes
    from before b, after a',
  'values (1, 1, 0)',
  'The row of settings, and the session'
);

select * from finish();
rollback;
