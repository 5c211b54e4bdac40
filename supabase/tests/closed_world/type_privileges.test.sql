-- A function's result must be readable by its caller; a type holds no data.
begin;
select plan(2);

select set_eq(
  $$select t.typname::text, r.role
    from pg_type t, unnest(array[
      'anon', 'authenticated', 'service_role', 'latchkey_functions', 'public'
    ]) r (role)
    where t.oid in (
      'latchkey.session_result'::regtype, 'latchkey.revoke_result'::regtype,
      'latchkey.session_state_result'::regtype
    ) and has_type_privilege(r.role, t.oid, 'USAGE')$$,
  $$select type, role
    from unnest(array['session_result', 'revoke_result', 'session_state_result']) type,
      unnest(array[
        'anon', 'authenticated', 'service_role', 'latchkey_functions', 'public'
      ]) role$$,
  'Everybody may use them'
);
select is_empty(
  $$select t.typname, a.grantee::regrole from pg_type t, aclexplode(t.typacl) a
    where t.typnamespace = 'latchkey'::regnamespace$$,
  'By default, and by no grant'
);

select * from finish();
rollback;
