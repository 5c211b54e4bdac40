begin;
select plan(5);

select functions_are('latchkey', array[
  'access_token_seconds',
  'adopt',
  'amr',
  'auth_password_changed',
  'auth_session_deleted',
  'auth_user_banned',
  'check_custom_access_token_hook',
  'claims',
  'drop_auth_refresh_token',
  'end_sessions',
  'lock_sessions',
  'login',
  'make_room',
  'refresh',
  'revoke',
  'revoke_by_admin',
  'revoke_session',
  'revoke_token',
  'run_custom_access_token_hook',
  'session_active',
  'session_ended',
  'session_state',
  'sessions',
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
    ('adopt(uuid,uuid,bytea,bytea,text,text,text,text,text,text)', 'latchkey.adopt_result', 'volatile', 'definer'),
    ('amr(uuid)', 'jsonb', 'stable', 'definer'),
    ('auth_password_changed()', 'trigger', 'volatile', 'definer'),
    ('auth_session_deleted()', 'trigger', 'volatile', 'definer'),
    ('auth_user_banned()', 'trigger', 'volatile', 'definer'),
    ('check_custom_access_token_hook()', 'trigger', 'volatile', 'invoker'),
    ('claims(latchkey.refresh_tokens,auth.users,latchkey.settings,text,text)', 'jsonb', 'volatile', 'invoker'),
    ('drop_auth_refresh_token(uuid)', 'void', 'volatile', 'definer'),
    ('end_sessions(uuid[],text)', 'integer', 'volatile', 'definer'),
    ('lock_sessions(uuid[])', 'void', 'volatile', 'definer'),
    ('login(uuid,bytea,text,text,text,text,text,text)', 'latchkey.session_result', 'volatile', 'definer'),
    ('make_room(uuid,latchkey.settings)', 'boolean', 'volatile', 'definer'),
    ('refresh(uuid,integer,bytea,text)', 'latchkey.session_result', 'volatile', 'definer'),
    ('revoke(uuid,uuid,text,uuid)', 'latchkey.revoke_result', 'volatile', 'definer'),
    ('revoke_by_admin(uuid,uuid,text)', 'integer', 'volatile', 'definer'),
    ('revoke_session(uuid)', 'boolean', 'volatile', 'definer'),
    ('revoke_token(uuid,bytea)', 'integer', 'volatile', 'definer'),
    ('run_custom_access_token_hook(text,jsonb)', 'jsonb', 'volatile', 'invoker'),
    ('session_active()', 'boolean', 'stable', 'definer'),
    ('session_ended()', 'trigger', 'volatile', 'definer'),
    ('session_state(uuid,uuid)', 'latchkey.session_state_result', 'stable', 'definer'),
    ('sessions(uuid,uuid)', 'latchkey.sessions_result', 'stable', 'definer'),
    ('user_data(auth.users)', 'jsonb', 'stable', 'invoker')$$,
  'Signatures, results, volatility, and whose rights they run with'
);
select is_empty(
  $$select oid::regprocedure from pg_proc
    where pronamespace = 'latchkey'::regnamespace
      and 'search_path=""' <> all (coalesce(proconfig, '{}'))$$,
  'Every function pins an empty search_path'
);
select set_eq(
  $$select proname::text, setting from pg_proc, unnest(proconfig) setting
    where pronamespace = 'latchkey'::regnamespace and setting not like 'search_path=%'$$,
  $$values
    ('adopt', 'lock_timeout=3s'),
    ('auth_session_deleted', 'lock_timeout=500ms'),
    ('auth_user_banned', 'lock_timeout=500ms'),
    ('login', 'lock_timeout=3s'),
    ('refresh', 'lock_timeout=1500ms')$$,
  'What rides on statements of Supabase Auth waits for no lock for long, nor does a sign-in or a rotation'
);
select is_empty(
  $$select oid::regprocedure from pg_proc
    where pronamespace = 'latchkey'::regnamespace and prosecdef
      and obj_description(oid, 'pg_proc') not like '%Security definer:%'$$,
  'Every definer says in its comment why it is one'
);

select * from finish();
rollback;
