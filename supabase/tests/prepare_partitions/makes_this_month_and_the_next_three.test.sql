begin;
select plan(2);

select set_eq(
  $$select 'session_events_' || to_char(m, 'YYYY_MM')
    from generate_series(
      date_trunc('month', now() at time zone 'UTC'),
      date_trunc('month', now() at time zone 'UTC') + interval '3 months', interval '1 month'
    ) m$$,
  $$select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'latchkey.session_events'::regclass
      and c.relname <> 'session_events_default'$$,
  'The migration has made them'
);
select is(latchkey.prepare_partitions(), 0, 'And there is nothing to do for a while');

select * from finish();
rollback;
