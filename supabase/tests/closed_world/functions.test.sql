begin;

create temp table expected (
  signature text, result text, volatility text, runs_as text, grantees text[]
);
insert into expected values
  ('aal1_expired(latchkey.refresh_tokens)', 'boolean', 'stable', 'invoker', '{}'),
  ('access_token_seconds(jsonb)', 'integer', 'stable', 'invoker', '{}'),
  ('adopt(uuid,uuid,bytea,bytea,text,text,text,text,text,text,bigint,bytea,bytea,text,text,bytea,timestamp with time zone)', 'latchkey.adopt_result', 'volatile', 'definer', '{latchkey_functions,service_role}'),
  ('amr(uuid)', 'jsonb', 'stable', 'invoker', '{}'),
  ('attempt(text,text,timestamp with time zone)', 'integer', 'volatile', 'definer', '{latchkey_functions,service_role}'),
  ('attempt_key(text,text)', 'bytea', 'stable', 'invoker', '{}'),
  ('auth_password_changed()', 'trigger', 'volatile', 'definer', '{}'),
  ('auth_sessions_deleted()', 'trigger', 'volatile', 'definer', '{}'),
  ('auth_user_banned()', 'trigger', 'volatile', 'definer', '{}'),
  ('caller_session_id()', 'uuid', 'stable', 'definer', '{authenticated}'),
  ('check_custom_access_token_hook()', 'trigger', 'volatile', 'invoker', '{}'),
  ('check_deadline(timestamp with time zone)', 'timestamp with time zone', 'volatile', 'invoker', '{}'),
  ('check_request()', 'void', 'stable', 'definer', '{anon,authenticated,service_role}'),
  ('claims(latchkey.refresh_tokens,auth.users,latchkey.settings,text,text)', 'jsonb', 'volatile', 'invoker', '{}'),
  ('client_changed(latchkey.refresh_tokens,latchkey.settings,text,text)', 'boolean', 'immutable', 'invoker', '{}'),
  ('client_on_desktop(text)', 'text', 'immutable', 'invoker', '{}'),
  ('clock()', 'timestamp with time zone', 'volatile', 'invoker', '{latchkey_functions,service_role}'),
  ('consume_attempt(text,text,integer)', 'integer', 'volatile', 'invoker', '{}'),
  ('delete_auth_sessions(uuid[])', 'uuid[]', 'volatile', 'invoker', '{}'),
  ('disavow(uuid,latchkey.revoke_scope,text,timestamp with time zone)', 'latchkey.disavow_result', 'volatile', 'definer', '{latchkey_functions,service_role}'),
  ('end_sessions(uuid[],latchkey.revoked_reason,latchkey.initiating_entity,uuid,text)', 'integer', 'volatile', 'invoker', '{}'),
  ('enforce_session_limit(uuid,latchkey.settings)', 'boolean', 'volatile', 'invoker', '{}'),
  ('event_of(latchkey.refresh_tokens,latchkey.session_event)', 'latchkey.event_record', 'stable', 'invoker', '{}'),
  ('expire_sessions(integer)', 'integer', 'volatile', 'invoker', '{}'),
  ('initiating_entity(latchkey.ended_reason)', 'latchkey.initiating_entity', 'immutable', 'invoker', '{}'),
  ('introspect(uuid,integer,bytea)', 'jsonb', 'stable', 'definer', '{latchkey_functions,service_role}'),
  ('invalidate_auth_refresh_tokens(uuid)', 'void', 'volatile', 'invoker', '{}'),
  ('is_oauth_client(uuid)', 'boolean', 'stable', 'invoker', '{}'),
  ('is_proof_used(bytea,bytea)', 'boolean', 'stable', 'invoker', '{}'),
  ('issue_tokens(latchkey.refresh_tokens,auth.users,latchkey.settings,text,text)', 'latchkey.issued_tokens', 'volatile', 'invoker', '{}'),
  ('lock_auth_session(uuid)', 'auth.sessions', 'volatile', 'invoker', '{}'),
  ('lock_sessions(uuid[])', 'void', 'volatile', 'invoker', '{}'),
  ('login(uuid,bytea,text,text,text,text,text,text,bytea,bytea,text,text,bytea,timestamp with time zone)', 'latchkey.login_result', 'volatile', 'definer', '{latchkey_functions,service_role}'),
  ('parse_uuid(text)', 'uuid', 'stable', 'invoker', '{authenticated}'),
  ('prepare_partitions()', 'integer', 'volatile', 'invoker', '{}'),
  ('prune(integer)', 'jsonb', 'volatile', 'invoker', '{}'),
  ('prune_attempts(integer)', 'integer', 'volatile', 'invoker', '{}'),
  ('prune_devices(integer)', 'integer', 'volatile', 'invoker', '{}'),
  ('prune_events(integer)', 'integer', 'volatile', 'invoker', '{}'),
  ('prune_notices(integer)', 'integer', 'volatile', 'invoker', '{}'),
  ('prune_proofs(integer)', 'integer', 'volatile', 'invoker', '{}'),
  ('prune_sessions(integer)', 'integer', 'volatile', 'invoker', '{}'),
  ('publish_session_ends(latchkey.event_record[])', 'void', 'volatile', 'invoker', '{}'),
  ('recognize_device(uuid,bytea,uuid)', 'boolean', 'volatile', 'invoker', '{}'),
  ('record_client_change(uuid,latchkey.settings,text,text,text,text)', 'boolean', 'volatile', 'invoker', '{}'),
  ('record_events(latchkey.event_record[])', 'void', 'volatile', 'invoker', '{}'),
  ('record_refused_proof(latchkey.refresh_tokens,text)', 'void', 'volatile', 'invoker', '{}'),
  ('refresh(uuid,integer,bytea,text,text,bytea,bytea,integer,text,text,text,timestamp with time zone)', 'latchkey.refresh_result', 'volatile', 'definer', '{latchkey_functions,service_role}'),
  ('refund_attempt(text,text)', 'void', 'volatile', 'invoker', '{}'),
  ('revoke(uuid,uuid,bigint,revoke_scope,uuid,text,timestamp with time zone)', 'latchkey.revoke_result', 'volatile', 'definer', '{latchkey_functions,service_role}'),
  ('revoke_by_admin(uuid,uuid,latchkey.revoked_reason,text,timestamp with time zone)', 'latchkey.revoke_result', 'volatile', 'definer', '{latchkey_functions,service_role}'),
  ('revoke_session(text)', 'boolean', 'volatile', 'definer', '{authenticated}'),
  ('revoke_token(uuid,bytea,text,timestamp with time zone)', 'integer', 'volatile', 'definer', '{latchkey_functions,service_role}'),
  ('revoke_tokens(uuid[],latchkey.revoked_reason,latchkey.initiating_entity,uuid,inet)', 'integer', 'volatile', 'invoker', '{}'),
  ('run_custom_access_token_hook(text,jsonb)', 'jsonb', 'volatile', 'invoker', '{}'),
  ('schedule_upkeep()', 'text', 'volatile', 'invoker', '{}'),
  ('session_active()', 'boolean', 'stable', 'definer', '{anon,authenticated,service_role}'),
  ('session_deleted()', 'trigger', 'volatile', 'definer', '{}'),
  ('session_end(latchkey.refresh_tokens)', 'latchkey.event_record', 'stable', 'invoker', '{}'),
  ('session_list(uuid,uuid)', 'jsonb', 'stable', 'invoker', '{}'),
  ('session_revoked()', 'trigger', 'volatile', 'definer', '{}'),
  ('session_state(uuid,uuid)', 'latchkey.session_state_result', 'stable', 'definer', '{latchkey_functions,service_role}'),
  ('sessions(uuid,uuid)', 'latchkey.sessions_result', 'stable', 'definer', '{latchkey_functions,service_role}'),
  ('sessions_by_admin(uuid)', 'jsonb', 'stable', 'definer', '{latchkey_functions,service_role}'),
  ('sessions_of_user(uuid,uuid,integer)', 'uuid[]', 'stable', 'invoker', '{}'),
  ('settle_attempt(text,text,boolean,timestamp with time zone)', 'void', 'volatile', 'definer', '{latchkey_functions,service_role}'),
  ('settle_notice(uuid,latchkey.notice_outcome,text,integer)', 'latchkey.notice_outcome', 'volatile', 'definer', '{latchkey_functions,service_role}'),
  ('start_session(auth.sessions,latchkey.settings,bytea,bytea,text,jsonb,text,text,text,bytea,text,text,bytea)', 'latchkey.refresh_tokens', 'volatile', 'invoker', '{}'),
  ('take_notices(integer,uuid)', 'jsonb', 'volatile', 'definer', '{latchkey_functions,service_role}'),
  ('unauthorized(text,text,text,text,text)', 'void', 'stable', 'invoker', '{}'),
  ('upkeep()', 'jsonb', 'volatile', 'definer', '{service_role}'),
  ('use_proof(bytea)', 'boolean', 'volatile', 'invoker', '{}'),
  ('user_data(auth.users)', 'jsonb', 'stable', 'invoker', '{}');
select plan(5 + 5 * count(*)::integer) from expected;

create temp table functions as
  select oid, proname, proargtypes, proowner, coalesce(proacl, acldefault('f', proowner)) as acl,
    replace(oid::regprocedure::text, 'latchkey.' || proname, proname) as signature
  from pg_proc where pronamespace = 'latchkey'::regnamespace;

select set_eq(
  $$select f.signature, p.prorettype::regtype::text as result,
      case p.provolatile when 'v' then 'volatile' when 's' then 'stable' else 'immutable' end
        as volatility,
      case when p.prosecdef then 'definer' else 'invoker' end as runs_as,
      array(
        select coalesce(r.rolname::text, 'public')
        from aclexplode(f.acl) a left join pg_roles r on r.oid = a.grantee
        where a.grantee <> f.proowner
        order by 1
      ) as grantees
    from functions f join pg_proc p using (oid)$$,
  'select * from expected',
  'these functions exist, with this result, volatility, rights and grants'
);
select is_empty(
  'select signature from functions f, aclexplode(f.acl) a
    where a.is_grantable and a.grantee <> f.proowner',
  'no role may grant a right to others'
);
select function_privs_are(
  'latchkey', f.proname, string_to_array(oidvectortypes(f.proargtypes), ', '), role,
  case when role = any (e.grantees) then array['EXECUTE'] else '{}' end,
  format('%s by %s', f.signature, role)
)
from functions f left join expected e using (signature),
  unnest(array['anon', 'authenticated', 'service_role', 'latchkey_functions', 'public']) role
order by f.signature, role;
select is_empty(
  $$select oid::regprocedure from pg_proc
    where pronamespace = 'latchkey'::regnamespace
      and 'search_path=pg_catalog, pg_temp' <> all (coalesce(proconfig, '{}'))$$,
  'every function looks for types in pg_catalog before pg_temp, in which callers can create some'
);
select set_eq(
  $$select proname::text, setting from pg_proc, unnest(proconfig) setting
    where pronamespace = 'latchkey'::regnamespace and setting not like 'search_path=%'
      and setting not like 'statement_timeout=%'$$,
  $$values
    ('adopt', 'lock_timeout=3s'),
    ('auth_sessions_deleted', 'lock_timeout=500ms'),
    ('auth_user_banned', 'lock_timeout=500ms'),
    ('prepare_partitions', 'TimeZone=UTC'),
    ('prepare_partitions', 'lock_timeout=500ms'),
    ('login', 'lock_timeout=3s'),
    ('refresh', 'lock_timeout=1500ms')$$,
  'a function whose locks others wait for gives up soon; months are those of UTC'
);
select is_empty(
  $$select oid::regprocedure from pg_proc
    where pronamespace = 'latchkey'::regnamespace and prosecdef
      and obj_description(oid, 'pg_proc') not like '%Security definer:%'$$,
  'the comment of every security definer says why it is one'
);

select * from finish();
rollback;
