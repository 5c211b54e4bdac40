-- An older project may have default privileges that grant every new table to the API.
begin;
select plan(5);
alter default privileges in schema latchkey grant all on tables to anon, authenticated, service_role;
do $$
begin
  execute 'drop table latchkey.session_events_' || to_char(now() at time zone 'UTC', 'YYYY_MM');
end
$$;
select latchkey.prepare_partitions();
create temp table made as
  select oid, relacl, relowner, relrowsecurity from pg_class
  where oid = ('latchkey.session_events_' || to_char(now() at time zone 'UTC', 'YYYY_MM'))::regclass;

select is((select count(*) from made), 1::bigint, 'the partition is created');
select is_empty(
  'select a.grantee from made m, aclexplode(m.relacl) a where a.grantee <> m.relowner',
  'no role is granted a right'
);
select ok((select relrowsecurity from made), 'its row level security is enabled');
select isnt((select obj_description(oid, 'pg_class') from made), null, 'it has a comment');
select set_eq(
  $$select pg_get_indexdef(indexrelid, 0, false) ~ 'UNIQUE', indisprimary
    from pg_index where indrelid = (select oid from made)$$,
  $$values (true, true), (false, false)$$,
  'it has the indexes of the table'
);

select * from finish();
rollback;
