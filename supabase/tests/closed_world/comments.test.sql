-- A comment on each object says what it is for.
begin;
select plan(10);

select isnt(obj_description('latchkey'::regnamespace, 'pg_namespace'), null, 'the schema');
select is_empty(
  $$select relname from pg_class
    where relnamespace = 'latchkey'::regnamespace and relkind not in ('i', 'I', 'c')
      and obj_description(oid, 'pg_class') is null$$,
  'every table, partition and view'
);
select is_empty(
  $$select c.relname, a.attname
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'latchkey'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition and a.attnum > 0 and not a.attisdropped
      and col_description(c.oid, a.attnum) is null$$,
  'every column of a table'
);
select is_empty(
  $$select oid::regprocedure from pg_proc
    where pronamespace = 'latchkey'::regnamespace and obj_description(oid, 'pg_proc') is null$$,
  'every function'
);
select is_empty(
  $$select t.typname from pg_type t left join pg_class c on c.oid = t.typrelid
    where t.typnamespace = 'latchkey'::regnamespace
      and (c.relkind = 'c' or t.typtype in ('d', 'e'))
      and obj_description(t.oid, 'pg_type') is null$$,
  'every type'
);
select is_empty(
  $$select polname from pg_policy p join pg_class c on c.oid = p.polrelid
    where c.relnamespace = 'latchkey'::regnamespace and obj_description(p.oid, 'pg_policy') is null$$,
  'every policy'
);
select is_empty(
  $$select tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = 'latchkey'::regnamespace and not t.tgisinternal
      and obj_description(t.oid, 'pg_trigger') is null$$,
  'every trigger'
);
select is_empty(
  $$select conname from pg_constraint k join pg_class c on c.oid = k.conrelid
    where c.relnamespace = 'latchkey'::regnamespace and not c.relispartition
      and not starts_with(conname, relname || '_')
      and obj_description(k.oid, 'pg_constraint') is null$$,
  'every constraint that PostgreSQL did not name'
);
select is_empty(
  $$select c.relname from pg_class c
    where c.relnamespace = 'latchkey'::regnamespace and c.relkind in ('i', 'I')
      and not c.relispartition
      and not exists (select from pg_constraint k where k.conindid = c.oid)
      and obj_description(c.oid, 'pg_class') is null$$,
  'every index that belongs to no constraint'
);
select isnt(
  shobj_description('latchkey_functions'::regrole, 'pg_authid'), null, 'the role'
);

select * from finish();
rollback;
