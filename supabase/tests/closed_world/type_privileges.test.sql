-- A function's result must be readable by its caller; a type holds no data.
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
  'Everybody may use them'
);
select is_empty(
  $$select t.typname, a.grantee::regrole from pg_type t, aclexplode(t.typacl) a
    where t.typnamespace = 'latchkey'::regnamespace$$,
  'By default, and by no grant'
);

select * from finish();
rollback;
