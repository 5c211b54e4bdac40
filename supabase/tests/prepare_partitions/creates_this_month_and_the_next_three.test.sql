begin;
select plan(2);
select is_empty(
  $$select m from generate_series(
      date_trunc('month', now() at time zone 'UTC'),
      date_trunc('month', now() at time zone 'UTC') + interval '3 months', interval '1 month'
    ) m
    where not exists (
      select from pg_inherits
      where inhparent = 'latchkey.session_events'::regclass
        and inhrelid = to_regclass('latchkey.session_events_' || to_char(m, 'YYYY_MM'))
    )$$,
  'they exist'
);
select is(latchkey.prepare_partitions(), 0, 'a second call creates none');

select * from finish();
rollback;
