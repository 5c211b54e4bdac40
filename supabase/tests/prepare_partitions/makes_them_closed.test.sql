-- A project may have default privileges of old that give every new table to the API.
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

select is((select count(*) from made), 1::bigint, 'It is made');
select is_empty(
  'select a.grantee from made m, aclexplode(m.relacl) a where a.grantee <> m.relowner',
  'Nobody is granted anything'
);
select ok((select relrowsecurity from made), 'It has row level security of its own');
select isnt((select obj_description(oid, 'pg_class') from made), null, 'It says what it is');
select set_eq(
  $$select pg_get_indexdef(indexrelid, 0, false) ~ 'UNIQUE', indisprimary
    from pg_index where indrelid = (select oid from made)$$,
  $$values (true, true), (false, false)$$,
  'It has the indexes of the table'
);

select * from finish();
rollback;
