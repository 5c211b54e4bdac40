-- A caller must be able to read a function's result; a type holds no data.
begin;
select plan(2);

select is_empty(
  $$select t.typname, r.role
    from pg_type t join pg_class c on c.oid = t.typrelid and c.relkind = 'c',
      unnest(array[
        'anon', 'authenticated', 'service_role', 'latchkey_functions', 'public'
      ]) r (role)
    where t.typnamespace = 'latchkey'::regnamespace
      and not has_type_privilege(r.role, t.oid, 'USAGE')$$,
  'every role may use the types'
);
select is_empty(
  $$select t.typname, a.grantee::regrole from pg_type t, aclexplode(t.typacl) a
    where t.typnamespace = 'latchkey'::regnamespace$$,
  'by default, without a grant'
);

select * from finish();
rollback;
