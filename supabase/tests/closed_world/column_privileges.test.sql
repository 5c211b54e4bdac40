-- No role reads the hash, the generation or the methods of the sign-in.
begin;
select plan(31);

select set_eq(
  $$select c.relname::text, a.attname::text, coalesce(r.rolname::text, 'public'),
      p.privilege_type, p.is_grantable
    from pg_class c join pg_attribute a on a.attrelid = c.oid,
      aclexplode(a.attacl) p
    left join pg_roles r on r.oid = p.grantee
    where c.relnamespace = 'latchkey'::regnamespace$$,
  $$select 'refresh_tokens' as relation, harmless, 'authenticated' as role,
      'SELECT' as privilege, false as grantable
    from unnest(array[
      'session_id', 'user_id', 'created_at', 'rotated_at', 'expires_at', 'idle_expires_at',
      'active_until',
      'aal', 'user_agent', 'ip', 'device_name', 'jkt', 'last_ip',
      'last_user_agent', 'client', 'country', 'revoked_at', 'revoked_reason'
    ]) harmless$$,
  'signed-in users read the columns that hold no secret, and no other column is granted'
);
select column_privs_are('latchkey', 'refresh_tokens', hidden, role, '{}'::text[],
  format('%s by %s', hidden, role)
)
from unnest(array['adoption_nonce', 'amr', 'disavowed_at', 'generation', 'proof_ids', 'secret_hash']) hidden,
  unnest(array[
    'anon', 'authenticated', 'service_role', 'latchkey_functions', 'public'
  ]) role
order by hidden, role;

select * from finish();
rollback;
