-- Who may execute what; public is everybody.
begin;

create temp table expected (signature text, grantees text[]);
insert into expected values
  ('aal1_expired(latchkey.refresh_tokens)', '{}'),
  ('access_token_seconds(jsonb)', '{}'),
  ('adopt(uuid,uuid,bytea,bytea,text,text,text,text,text,text,bigint,timestamp with time zone)', '{latchkey_functions,service_role}'),
  ('amr(uuid)', '{}'),
  ('attempt(text,text,timestamp with time zone)', '{latchkey_functions,service_role}'),
  ('attempt_key(text,text)', '{}'),
  ('auth_password_changed()', '{}'),
  ('auth_sessions_deleted()', '{}'),
  ('auth_user_banned()', '{}'),
  ('caller_session_id()', '{authenticated}'),
  ('check_custom_access_token_hook()', '{}'),
  ('check_deadline(timestamp with time zone)', '{}'),
  ('check_request()', '{anon,authenticated,service_role}'),
  ('claims(latchkey.refresh_tokens,auth.users,latchkey.settings,text,text)', '{}'),
  ('clock()', '{latchkey_functions,service_role}'),
  ('consume_attempt(text,text,integer)', '{}'),
  ('end_sessions(uuid[],latchkey.revoked_reason,latchkey.initiating_entity,uuid,text)', '{}'),
  ('enforce_session_limit(uuid,latchkey.settings)', '{}'),
  ('initiating_entity(latchkey.ended_reason)', '{}'),
  ('introspect(uuid,integer,bytea)', '{latchkey_functions,service_role}'),
  ('invalidate_auth_refresh_tokens(uuid)', '{}'),
  ('is_active(timestamp with time zone,timestamp with time zone,timestamp with time zone)', '{authenticated}'),
  ('is_banned(timestamp with time zone)', '{}'),
  ('is_oauth_client(uuid)', '{}'),
  ('issue_tokens(latchkey.refresh_tokens,auth.users,latchkey.settings,text,text)', '{}'),
  ('lock_auth_session(uuid)', '{}'),
  ('lock_sessions(uuid[])', '{}'),
  ('login(uuid,bytea,text,text,text,text,text,text,timestamp with time zone)', '{latchkey_functions,service_role}'),
  ('parse_uuid(text)', '{authenticated}'),
  ('prepare_partitions()', '{}'),
  ('prune(integer)', '{}'),
  ('prune_attempts(integer)', '{}'),
  ('prune_events(integer)', '{}'),
  ('prune_notices(integer)', '{}'),
  ('prune_sessions(integer)', '{}'),
  ('publish_session_ends(latchkey.session_end[])', '{}'),
  ('refresh(uuid,integer,bytea,text,text,timestamp with time zone)', '{latchkey_functions,service_role}'),
  ('refund_attempt(text,text)', '{}'),
  ('revoke(uuid,uuid,bigint,revoke_scope,uuid,text,timestamp with time zone)', '{latchkey_functions,service_role}'),
  ('revoke_by_admin(uuid,uuid,latchkey.revoked_reason,text,timestamp with time zone)', '{latchkey_functions,service_role}'),
  ('revoke_session(text)', '{authenticated}'),
  ('revoke_token(uuid,bytea,text,timestamp with time zone)', '{latchkey_functions,service_role}'),
  ('revoke_tokens(uuid[],latchkey.revoked_reason,latchkey.initiating_entity,uuid,inet)', '{}'),
  ('run_custom_access_token_hook(text,jsonb)', '{}'),
  ('schedule_upkeep()', '{}'),
  ('session_active()', '{anon,authenticated,service_role}'),
  ('session_deleted()', '{}'),
  ('session_end(latchkey.refresh_tokens)', '{}'),
  ('session_list(uuid,uuid)', '{}'),
  ('session_revoked()', '{}'),
  ('session_state(uuid,uuid)', '{latchkey_functions,service_role}'),
  ('sessions(uuid,uuid)', '{latchkey_functions,service_role}'),
  ('sessions_by_admin(uuid)', '{latchkey_functions,service_role}'),
  ('sessions_of_user(uuid,uuid,integer)', '{}'),
  ('settle_attempt(text,text,boolean,timestamp with time zone)', '{latchkey_functions,service_role}'),
  ('settle_notice(uuid,latchkey.notice_outcome,text)', '{latchkey_functions,service_role}'),
  ('start_session(auth.sessions,latchkey.settings,bytea,bytea,text,jsonb,text,text,text)', '{}'),
  ('take_notices(integer,uuid)', '{latchkey_functions,service_role}'),
  ('unauthorized(text,text,text,text,text)', '{}'),
  ('upkeep()', '{service_role}'),
  ('user_data(auth.users)', '{}');
select plan(2 + 5 * count(*)::integer) from expected;

create temp table functions as
  select oid, proname, proargtypes, proowner, coalesce(proacl, acldefault('f', proowner)) as acl,
    replace(oid::regprocedure::text, 'latchkey.' || proname, proname) as signature
  from pg_proc where pronamespace = 'latchkey'::regnamespace;

select set_eq(
  $$select signature, array(
      select coalesce(r.rolname::text, 'public')
      from aclexplode(f.acl) a left join pg_roles r on r.oid = a.grantee
      where a.grantee <> f.proowner
      order by 1
    )
    from functions f$$,
  'select * from expected',
  'Each function is granted to these roles and to nobody else'
);
select is_empty(
  'select signature from functions f, aclexplode(f.acl) a
    where a.is_grantable and a.grantee <> f.proowner',
  'Nobody may pass a right on'
);
select function_privs_are(
  'latchkey', f.proname, string_to_array(oidvectortypes(f.proargtypes), ', '), role,
  case when role = any (e.grantees) then array['EXECUTE'] else '{}' end,
  format('%s by %s', f.signature, role)
)
from functions f left join expected e using (signature),
  unnest(array['anon', 'authenticated', 'service_role', 'latchkey_functions', 'public']) role
order by f.signature, role;

select * from finish();
rollback;
