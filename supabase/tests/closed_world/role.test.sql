-- What the Edge Functions log in as, once the owner of the project lets it: so whether it
-- can is not for a test to say.
begin;
select plan(5);

select set_eq(
  $$select rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolreplication,
      rolbypassrls
    from pg_roles where rolname = 'latchkey_functions'$$,
  $$values (false, false, false, false, false, false)$$,
  'It can do nothing special'
);
select is_empty(
  $$select roleid::regrole from pg_auth_members
    where member = 'latchkey_functions'::regrole$$,
  'It is a member of nothing'
);
select is_empty(
  $$select classid::regclass, objid from pg_shdepend
    where refclassid = 'pg_authid'::regclass and refobjid = 'latchkey_functions'::regrole
      and deptype = 'o'$$,
  'It owns nothing'
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
  'It was granted the schema and functions in it, and nothing else'
);
select is_empty(
  $$select rolname from pg_roles r
    where pg_has_role(r.oid, 'latchkey_functions'::regrole, 'SET')
      and not r.rolsuper and r.rolname <> 'latchkey_functions'$$,
  'Nobody can become it'
);

select * from finish();
rollback;
