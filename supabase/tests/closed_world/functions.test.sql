begin;
select plan(5);

select functions_are('latchkey', array[
  'access_token_seconds',
  'adopt',
  'amr',
  'attempt',
  'attempt_key',
  'auth_password_changed',
  'auth_session_deleted',
  'auth_user_banned',
  'caller_session_id',
  'check_custom_access_token_hook',
  'check_request',
  'claims',
  'drop_auth_refresh_token',
  'end_sessions',
  'give_attempt_back',
  'introspect',
  'is_oauth_client',
  'lock_sessions',
  'login',
  'make_room',
  'prepare_partitions',
  'prune',
  'prune_attempts',
  'prune_events',
  'prune_notices',
  'prune_sessions',
  'refresh',
  'revoke',
  'revoke_by_admin',
  'revoke_max_age_seconds',
  'revoke_session',
  'revoke_token',
  'run_custom_access_token_hook',
  'schedule_upkeep',
  'session_active',
  'session_ended',
  'session_list',
  'session_state',
  'sessions',
  'sessions_by_admin',
  'settle_attempt',
  'settle_notice',
  'take_attempt',
  'take_notices',
  'unauthorized',
  'upkeep',
  'user_data'
]);
select set_eq(
  $$select replace(oid::regprocedure::text, 'latchkey.' || proname, proname) as signature,
      prorettype::regtype::text,
      case provolatile when 'v' then 'volatile' when 's' then 'stable' else 'immutable'
      end as volatility,
      case when prosecdef then 'definer' else 'invoker' end as rights
    from pg_proc where pronamespace = 'latchkey'::regnamespace$$,
  $$values
    ('access_token_seconds(jsonb)', 'integer', 'stable', 'invoker'),
    ('adopt(uuid,uuid,bytea,bytea,text,text,text,text,text,text,bigint)', 'latchkey.adopt_result', 'volatile', 'definer'),
    ('amr(uuid)', 'jsonb', 'stable', 'definer'),
    ('attempt(text,text)', 'integer', 'volatile', 'definer'),
    ('attempt_key(text,text)', 'bytea', 'stable', 'invoker'),
    ('auth_password_changed()', 'trigger', 'volatile', 'definer'),
    ('auth_session_deleted()', 'trigger', 'volatile', 'definer'),
    ('auth_user_banned()', 'trigger', 'volatile', 'definer'),
    ('caller_session_id()', 'uuid', 'stable', 'invoker'),
    ('check_custom_access_token_hook()', 'trigger', 'volatile', 'invoker'),
    ('check_request()', 'void', 'stable', 'definer'),
    ('claims(latchkey.refresh_tokens,auth.users,latchkey.settings,text,text)', 'jsonb', 'volatile', 'invoker'),
    ('drop_auth_refresh_token(uuid)', 'void', 'volatile', 'definer'),
    ('end_sessions(uuid[],text,uuid,text)', 'integer', 'volatile', 'definer'),
    ('give_attempt_back(text,text)', 'void', 'volatile', 'invoker'),
    ('introspect(uuid,integer,bytea)', 'jsonb', 'stable', 'definer'),
    ('is_oauth_client(uuid)', 'boolean', 'stable', 'invoker'),
    ('lock_sessions(uuid[])', 'void', 'volatile', 'definer'),
    ('login(uuid,bytea,text,text,text,text,text,text)', 'latchkey.session_result', 'volatile', 'definer'),
    ('make_room(uuid,latchkey.settings)', 'boolean', 'volatile', 'definer'),
    ('prepare_partitions()', 'integer', 'volatile', 'definer'),
    ('prune(integer)', 'jsonb', 'volatile', 'definer'),
    ('prune_attempts(integer)', 'integer', 'volatile', 'invoker'),
    ('prune_events(integer)', 'integer', 'volatile', 'definer'),
    ('prune_notices(integer)', 'integer', 'volatile', 'definer'),
    ('prune_sessions(integer)', 'integer', 'volatile', 'definer'),
    ('refresh(uuid,integer,bytea,text,text)', 'latchkey.session_result', 'volatile', 'definer'),
    ('revoke(uuid,uuid,text,uuid,text)', 'latchkey.revoke_result', 'volatile', 'definer'),
    ('revoke_by_admin(uuid,uuid,text,text)', 'integer', 'volatile', 'definer'),
    ('revoke_max_age_seconds()', 'integer', 'stable', 'definer'),
    ('revoke_session(uuid)', 'boolean', 'volatile', 'definer'),
    ('revoke_token(uuid,bytea,text)', 'integer', 'volatile', 'definer'),
    ('run_custom_access_token_hook(text,jsonb)', 'jsonb', 'volatile', 'invoker'),
    ('schedule_upkeep()', 'text', 'volatile', 'invoker'),
    ('session_active()', 'boolean', 'stable', 'definer'),
    ('session_ended()', 'trigger', 'volatile', 'definer'),
    ('session_list(uuid,uuid)', 'jsonb', 'stable', 'invoker'),
    ('session_state(uuid,uuid)', 'latchkey.session_state_result', 'stable', 'definer'),
    ('sessions(uuid,uuid)', 'latchkey.sessions_result', 'stable', 'definer'),
    ('sessions_by_admin(uuid)', 'jsonb', 'stable', 'definer'),
    ('settle_attempt(text,text,boolean)', 'void', 'volatile', 'definer'),
    ('settle_notice(uuid,text,text)', 'text', 'volatile', 'definer'),
    ('take_attempt(text,text,integer)', 'integer', 'volatile', 'invoker'),
    ('take_notices(integer,uuid)', 'jsonb', 'volatile', 'definer'),
    ('unauthorized(text,text,text,text,text)', 'void', 'stable', 'invoker'),
    ('upkeep()', 'jsonb', 'volatile', 'definer'),
    ('user_data(auth.users)', 'jsonb', 'stable', 'invoker')$$,
  'Signatures, results, volatility, and whose rights they run with'
);
select is_empty(
  $$select oid::regprocedure from pg_proc
    where pronamespace = 'latchkey'::regnamespace
      and 'search_path=pg_catalog, pg_temp' <> all (coalesce(proconfig, '{}'))$$,
  'Every function looks for types in pg_catalog before pg_temp, where callers create theirs'
);
select set_eq(
  $$select proname::text, setting from pg_proc, unnest(proconfig) setting
    where pronamespace = 'latchkey'::regnamespace and setting not like 'search_path=%'$$,
  $$values
    ('adopt', 'lock_timeout=3s'),
    ('auth_session_deleted', 'lock_timeout=500ms'),
    ('auth_user_banned', 'lock_timeout=500ms'),
    ('prepare_partitions', 'TimeZone=UTC'),
    ('prepare_partitions', 'lock_timeout=500ms'),
    ('login', 'lock_timeout=3s'),
    ('refresh', 'lock_timeout=1500ms')$$,
  'What others queue behind waits for no lock for long; months are those of UTC'
);
select is_empty(
  $$select oid::regprocedure from pg_proc
    where pronamespace = 'latchkey'::regnamespace and prosecdef
      and obj_description(oid, 'pg_proc') not like '%Security definer:%'$$,
  'Every definer says in its comment why it is one'
);

select * from finish();
rollback;
