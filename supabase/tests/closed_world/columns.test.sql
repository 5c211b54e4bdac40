begin;
select plan(1);

select set_eq(
  $$select c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
      a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = 'latchkey'::regnamespace and c.relkind in ('r', 'p', 'v', 'c')
      and not c.relispartition and a.attnum > 0 and not a.attisdropped$$,
  $$values
    ('settings', 'singleton', 'boolean', true, 'true'),
    ('settings', 'access_token_seconds', 'integer', true, '900'),
    ('settings', 'reuse_interval_seconds', 'integer', true, '10'),
    ('settings', 'idle_timeout', 'interval', true, '''30 days''::interval'),
    ('settings', 'absolute_timeout', 'interval', true, '''365 days''::interval'),
    ('settings', 'at_session_limit', 'text', true, '''end_oldest''::text'),
    ('settings', 'custom_access_token_hook', 'text', false, null),
    ('settings', 'sessions_per_user', 'integer', false, null),

    ('refresh_tokens', 'session_id', 'uuid', true, null),
    ('refresh_tokens', 'user_id', 'uuid', true, null),
    ('refresh_tokens', 'secret_hash', 'bytea', true, null),
    ('refresh_tokens', 'generation', 'integer', true, '0'),
    ('refresh_tokens', 'created_at', 'timestamp with time zone', true, 'now()'),
    ('refresh_tokens', 'rotated_at', 'timestamp with time zone', true, 'now()'),
    ('refresh_tokens', 'expires_at', 'timestamp with time zone', true, null),
    ('refresh_tokens', 'idle_expires_at', 'timestamp with time zone', true, null),
    ('refresh_tokens', 'adoption_nonce', 'bytea', false, null),
    ('refresh_tokens', 'aal', 'text', true, '''aal1''::text'),
    ('refresh_tokens', 'amr', 'jsonb', true, '''[]''::jsonb'),
    ('refresh_tokens', 'user_agent', 'text', false, null),
    ('refresh_tokens', 'ip', 'inet', false, null),
    ('refresh_tokens', 'device_name', 'text', false, null),
    ('refresh_tokens', 'revoked_at', 'timestamp with time zone', false, null),
    ('refresh_tokens', 'revoked_reason', 'text', false, null),

    ('session_events', 'id', 'uuid', true, 'gen_random_uuid()'),
    ('session_events', 'created_at', 'timestamp with time zone', true, 'now()'),
    ('session_events', 'event', 'text', true, null),
    ('session_events', 'session_id', 'uuid', true, null),
    ('session_events', 'user_id', 'uuid', true, null),
    ('session_events', 'reason', 'text', false, null),
    ('session_events', 'initiating_entity', 'text', false, null),
    ('session_events', 'ip', 'inet', false, null),
    ('session_events', 'user_agent', 'text', false, null),

    ('sessions', 'session_id', 'uuid', false, null),
    ('sessions', 'user_id', 'uuid', false, null),
    ('sessions', 'created_at', 'timestamp with time zone', false, null),
    ('sessions', 'last_used_at', 'timestamp with time zone', false, null),
    ('sessions', 'expires_at', 'timestamp with time zone', false, null),
    ('sessions', 'aal', 'text', false, null),
    ('sessions', 'user_agent', 'text', false, null),
    ('sessions', 'ip', 'inet', false, null),
    ('sessions', 'device_name', 'text', false, null),
    ('sessions', 'current', 'boolean', false, null),

    ('adopt_result', 'outcome', 'text', false, null),
    ('adopt_result', 'reason', 'text', false, null),
    ('adopt_result', 'generation', 'integer', false, null),
    ('adopt_result', 'access_token_seconds', 'integer', false, null),
    ('adopt_result', 'claims', 'jsonb', false, null),
    ('adopt_result', 'user_data', 'jsonb', false, null),
    ('adopt_result', 'adoption_nonce', 'bytea', false, null),
    ('session_result', 'outcome', 'text', false, null),
    ('session_result', 'reason', 'text', false, null),
    ('session_result', 'generation', 'integer', false, null),
    ('session_result', 'access_token_seconds', 'integer', false, null),
    ('session_result', 'claims', 'jsonb', false, null),
    ('session_result', 'user_data', 'jsonb', false, null),
    ('revoke_result', 'outcome', 'text', false, null),
    ('revoke_result', 'reason', 'text', false, null),
    ('revoke_result', 'revoked', 'integer', false, null),
    ('session_state_result', 'outcome', 'text', false, null),
    ('session_state_result', 'reason', 'text', false, null),
    ('sessions_result', 'outcome', 'text', false, null),
    ('sessions_result', 'reason', 'text', false, null),
    ('sessions_result', 'sessions', 'jsonb', false, null)$$,
  'Columns with their types, whether they must be there, and their defaults'
);

select * from finish();
rollback;
