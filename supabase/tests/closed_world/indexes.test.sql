-- Every index costs each write. An index on a column that rotation changes prevents
-- heap-only updates.
begin;
select plan(16);

select indexes_are(
  'latchkey', 'login_attempts', array['login_attempts_last_failed_at_idx', 'login_attempts_pkey']
);
select indexes_are(
  'latchkey', 'outbox', array['outbox_due_idx', 'outbox_pkey', 'outbox_settled_idx']
);
select indexes_are(
  'latchkey', 'known_devices', array['known_devices_last_seen_at_idx', 'known_devices_pkey']
);
select has_index(
  'latchkey', 'known_devices', 'known_devices_last_seen_at_idx', array['last_seen_at']
);
select indexes_are('latchkey', 'receivers', array['receivers_pkey']);
select indexes_are('latchkey', 'settings', array['settings_pkey']);
select indexes_are(
  'latchkey', 'refresh_tokens', array['refresh_tokens_pkey', 'refresh_tokens_user_id_idx']
);
select indexes_are(
  'latchkey', 'session_events', array['session_events_pkey', 'session_events_user_id_idx']
);
select indexes_are(
  'latchkey', 'used_proofs', array['used_proofs_expires_at_idx', 'used_proofs_pkey']
);
select has_index('latchkey', 'used_proofs', 'used_proofs_expires_at_idx', array['expires_at']);
select has_index(
  'latchkey', 'login_attempts', 'login_attempts_last_failed_at_idx', array['last_failed_at']
);
select has_index('latchkey', 'outbox', 'outbox_due_idx', array['receiver_id', 'due_at']);
select has_index('latchkey', 'outbox', 'outbox_settled_idx', array['settled_at']);
select index_is_unique('latchkey', 'refresh_tokens', 'refresh_tokens_pkey', 'one row per session');
select has_index('latchkey', 'refresh_tokens', 'refresh_tokens_user_id_idx', array['user_id']);
select has_index(
  'latchkey', 'session_events', 'session_events_user_id_idx', array['user_id', 'created_at']
);

select * from finish();
rollback;
