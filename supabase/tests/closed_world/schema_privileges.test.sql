begin;
select plan(7);

select schema_privs_are('latchkey', role, array['USAGE'], 'usage alone: ' || role)
from unnest(array['anon', 'authenticated', 'service_role', 'latchkey_functions']) role;
select schema_privs_are('latchkey', 'public', '{}'::text[], 'public has no right');
select set_eq(
  $$select a.grantee::regrole::text, a.privilege_type, a.is_grantable
    from pg_namespace n, aclexplode(n.nspacl) a
    where n.oid = 'latchkey'::regnamespace and a.grantee <> n.nspowner$$,
  $$values
    ('anon', 'USAGE', false), ('authenticated', 'USAGE', false),
    ('service_role', 'USAGE', false), ('latchkey_functions', 'USAGE', false)$$,
  'no other role has a right'
);
select is_empty(
  $$select from pg_default_acl where defaclnamespace = 'latchkey'::regnamespace$$,
  'there are no default privileges: each new object is granted by name'
);

select * from finish();
rollback;
