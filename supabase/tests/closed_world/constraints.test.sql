begin;
select plan(4);

select set_eq(
  $$select conrelid::regclass::text, conname::text, contype::text from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    where connamespace = 'latchkey'::regnamespace and contype <> 'n' and not c.relispartition$$,
  $$values
    ('latchkey.settings', 'settings_aal1_timeout_check', 'c'),
    ('latchkey.login_attempts', 'login_attempts_pkey', 'p'),
    ('latchkey.login_attempts', 'login_attempts_failures_check', 'c'),
    ('latchkey.login_attempts', 'login_attempts_key_hash_check', 'c'),
    ('latchkey.login_attempts', 'login_attempts_kind_check', 'c'),
    ('latchkey.settings', 'settings_attempts_before_delay_check', 'c'),
    ('latchkey.settings', 'settings_longest_attempt_delay_check', 'c'),
    ('latchkey.settings', 'settings_pkey', 'p'),
    ('latchkey.settings', 'settings_singleton_check', 'c'),
    ('latchkey.settings', 'settings_access_token_seconds_check', 'c'),
    ('latchkey.settings', 'settings_reuse_interval_seconds_check', 'c'),
    ('latchkey.settings', 'settings_idle_timeout_check', 'c'),
    ('latchkey.settings', 'settings_absolute_timeout_check', 'c'),
    ('latchkey.settings', 'settings_revoke_max_age_check', 'c'),
    ('latchkey.settings', 'settings_ended_sessions_kept_check', 'c'),
    ('latchkey.settings', 'settings_events_kept_check', 'c'),
    ('latchkey.settings', 'settings_devices_kept_check', 'c'),
    ('latchkey.known_devices', 'known_devices_pkey', 'p'),
    ('latchkey.known_devices', 'known_devices_user_id_fkey', 'f'),
    ('latchkey.known_devices', 'known_devices_device_hash_check', 'c'),
    ('latchkey.outbox', 'outbox_pkey', 'p'),
    ('latchkey.outbox', 'outbox_attempts_check', 'c'),
    ('latchkey.outbox', 'outbox_outcome_check', 'c'),
    ('latchkey.outbox', 'outbox_receiver_id_fkey', 'f'),
    ('latchkey.outbox', 'settled_with_outcome', 'c'),
    ('latchkey.receivers', 'receivers_pkey', 'p'),
    ('latchkey.receivers', 'receivers_audience_check', 'c'),
    ('latchkey.receivers', 'receivers_secrets_check', 'c'),
    ('latchkey.receivers', 'receiver_has_events', 'c'),
    ('latchkey.receivers', 'caep_has_audience', 'c'),
    ('latchkey.receivers', 'caep_gets_only_revocations', 'c'),
    ('latchkey.receivers', 'standard_webhooks_has_secrets', 'c'),
    ('latchkey.settings', 'settings_at_session_limit_check', 'c'),
    ('latchkey.settings', 'settings_sessions_per_user_check', 'c'),
    ('latchkey.refresh_tokens', 'refresh_tokens_pkey', 'p'),
    ('latchkey.refresh_tokens', 'refresh_tokens_user_id_fkey', 'f'),
    ('latchkey.refresh_tokens', 'refresh_tokens_secret_hash_check', 'c'),
    ('latchkey.refresh_tokens', 'refresh_tokens_generation_check', 'c'),
    ('latchkey.refresh_tokens', 'refresh_tokens_aal_check', 'c'),
    ('latchkey.refresh_tokens', 'refresh_tokens_adoption_nonce_check', 'c'),
    ('latchkey.refresh_tokens', 'refresh_tokens_amr_check', 'c'),
    ('latchkey.refresh_tokens', 'refresh_tokens_client_check', 'c'),
    ('latchkey.refresh_tokens', 'refresh_tokens_country_check', 'c'),
    ('latchkey.refresh_tokens', 'refresh_tokens_last_user_agent_check', 'c'),
    ('latchkey.refresh_tokens', 'refresh_tokens_jkt_check', 'c'),
    ('latchkey.refresh_tokens', 'refresh_tokens_proof_ids_check', 'c'),
    ('latchkey.used_proofs', 'used_proofs_pkey', 'p'),
    ('latchkey.used_proofs', 'used_proofs_proof_id_check', 'c'),
    ('latchkey.refresh_tokens', 'refresh_tokens_user_agent_check', 'c'),
    ('latchkey.refresh_tokens', 'refresh_tokens_device_name_check', 'c'),
    ('latchkey.refresh_tokens', 'revoked_with_reason', 'c'),
    ('latchkey.session_events', 'session_events_pkey', 'p')$$,
  'tables have these keys and checks'
);
select set_eq(
  $$select contypid::regtype::text, conname::text from pg_constraint
    where connamespace = 'latchkey'::regnamespace and contypid <> 0
      and obj_description(oid, 'pg_constraint') is not null$$,
  $$values
    ('latchkey.receiver_url', 'receiver_url_is_https_or_this_machine'),
    ('latchkey.webhook_type', 'webhook_type_is_known'),
    ('latchkey.webhook_secret', 'webhook_secret_is_whsec_and_base64_of_24_to_64_bytes')$$,
  'domains have these checks, with a comment'
);
select is(
  (select pg_get_constraintdef(oid) from pg_constraint
   where conname = 'refresh_tokens_user_id_fkey' and connamespace = 'latchkey'::regnamespace),
  'FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE',
  'deleting a user deletes the sessions'
);
select is_empty(
  $$select conname from pg_constraint
    where connamespace = 'latchkey'::regnamespace and not convalidated$$,
  'all constraints are validated'
);

select * from finish();
rollback;
