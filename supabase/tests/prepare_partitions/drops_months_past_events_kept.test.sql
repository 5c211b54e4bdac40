begin;
select plan(3);
create table latchkey.session_events_2001_01
  partition of latchkey.session_events for values from ('2001-01-01 00:00Z') to ('2001-02-01 00:00Z');
do $$
declare
  last_month constant timestamp := date_trunc('month', now() at time zone 'UTC') - interval '1 month';
begin
  execute format(
    'create table if not exists latchkey.session_events_%s
      partition of latchkey.session_events for values from (%L) to (%L)',
    to_char(last_month, 'YYYY_MM'),
    last_month at time zone 'UTC', (last_month + interval '1 month') at time zone 'UTC'
  );
end
$$;
update latchkey.settings set events_kept = interval '1 month';

select cmp_ok(latchkey.prepare_partitions(), '>', 0, 'it returns the number of changes');
select hasnt_table('latchkey', 'session_events_2001_01', 'the old month is dropped');
select has_table(
  'latchkey',
  ('session_events_' || to_char(date_trunc('month', now() at time zone 'UTC') - interval '1 day', 'YYYY_MM'))::name,
  'a month in which an event must be kept remains'
);

select * from finish();
rollback;
