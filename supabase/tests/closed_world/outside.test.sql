-- In other schemas Latchkey has only its triggers and one policy.
begin;
select plan(5);

select is_empty(
  $$select c.oid::regclass from pg_class c
    where relname like '%latchkey%' and relnamespace <> 'latchkey'::regnamespace$$,
  'no relation'
);
select is_empty(
  $$select oid::regprocedure from pg_proc
    where pronamespace <> 'latchkey'::regnamespace and pronamespace not in ('pg_catalog'::regnamespace, 'tests'::regnamespace)
      and (proname like '%latchkey%' or prosrc like '%latchkey.%')
      and not pronamespace::regnamespace::text like 'pg\_temp%'$$,
  'no function has its name or calls it'
);
select set_eq(
  $$select c.relnamespace::regnamespace::text, d.classid::regclass::text
    from pg_depend d
    join pg_depend o on o.classid = d.classid and o.objid = d.objid
      and o.refclassid = 'pg_class'::regclass and o.deptype = 'a'
    join pg_class c on c.oid = o.refobjid and c.relnamespace <> 'latchkey'::regnamespace
    where d.refclassid = 'pg_proc'::regclass and d.refobjid in (
      select oid from pg_proc where pronamespace = 'latchkey'::regnamespace
    )$$,
  $$values ('auth', 'pg_trigger'), ('realtime', 'pg_policy')$$,
  'on tables of other schemas it has only triggers in auth and a policy in realtime'
);
select is_empty(
  $$select evtname from pg_event_trigger e join pg_proc f on f.oid = e.evtfoid
    where f.pronamespace = 'latchkey'::regnamespace$$,
  'no event trigger'
);
select is_empty(
  $$select pubname from pg_publication_tables where schemaname = 'latchkey'$$,
  'none of its tables is published, so Realtime streams no change of them'
);

select * from finish();
rollback;
