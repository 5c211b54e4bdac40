-- The secret key calls functions; it neither reads nor writes tables.
begin;
select plan(46);

select table_privs_are('latchkey', relation, role,
  case when role = 'authenticated' and relation in ('sessions', 'session_events')
    then array['SELECT'] else '{}' end,
  format('%s by %s', relation, role)
)
from unnest(array[
    'known_devices', 'login_attempts', 'outbox', 'receivers', 'settings', 'refresh_tokens', 'session_events',
    'sessions', 'used_proofs'
  ]) relation,
  unnest(array[
    'anon', 'authenticated', 'service_role', 'latchkey_functions', 'public'
  ]) role
order by relation, role;
select set_eq(
  $$select c.relname::text, coalesce(r.rolname::text, 'public'), a.privilege_type, a.is_grantable
    from pg_class c, aclexplode(c.relacl) a
    left join pg_roles r on r.oid = a.grantee
    where c.relnamespace = 'latchkey'::regnamespace and a.grantee <> c.relowner$$,
  $$values
    ('sessions', 'authenticated', 'SELECT', false),
    ('session_events', 'authenticated', 'SELECT', false)$$,
  'no role has another right, on partitions either'
);

select * from finish();
rollback;
