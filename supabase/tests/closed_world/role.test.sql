-- The Edge Functions log in as this role once the owner of the project allows it, so no test
-- asserts whether it can log in.
begin;
select plan(5);

select set_eq(
  $$select rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolreplication,
      rolbypassrls
    from pg_roles where rolname = 'latchkey_functions'$$,
  $$values (false, false, false, false, false, false)$$,
  'it has no special attribute'
);
select is_empty(
  $$select roleid::regrole from pg_auth_members
    where member = 'latchkey_functions'::regrole$$,
  'it is a member of no role'
);
select is_empty(
  $$select classid::regclass, objid from pg_shdepend
    where refclassid = 'pg_authid'::regclass and refobjid = 'latchkey_functions'::regrole
      and deptype = 'o'$$,
  'it owns nothing'
);
select set_eq(
  $$select classid::regclass::text, (select n.nspname::text from pg_namespace n
        where n.oid = d.objid and d.classid = 'pg_namespace'::regclass
        union select f.pronamespace::regnamespace::text from pg_proc f
        where f.oid = d.objid and d.classid = 'pg_proc'::regclass)
    from pg_shdepend d
    where refclassid = 'pg_authid'::regclass and refobjid = 'latchkey_functions'::regrole
      and deptype = 'a' and dbid = (select oid from pg_database
        where datname = current_database())$$,
  $$values ('pg_namespace', 'latchkey'), ('pg_proc', 'latchkey')$$,
  'it was granted the schema and functions in it, and nothing else'
);
select is_empty(
  $$select rolname from pg_roles r
    where pg_has_role(r.oid, 'latchkey_functions'::regrole, 'SET')
      and not r.rolsuper and r.rolname <> 'latchkey_functions'$$,
  'no other role can become it'
);

select * from finish();
rollback;
