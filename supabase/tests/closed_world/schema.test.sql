-- An object that is not listed here fails the tests until it is declared.
begin;
select plan(8);

select schema_owner_is('latchkey', 'postgres');
select set_eq(
  $$select distinct classid::regclass::text from pg_depend
    where refclassid = 'pg_namespace'::regclass and refobjid = 'latchkey'::regnamespace$$,
  $$values ('pg_class'), ('pg_proc'), ('pg_type')$$,
  'the schema has relations, functions and types, and nothing else'
);
select set_eq(
  $$select relkind::text, relname::text from pg_class
    where relnamespace = 'latchkey'::regnamespace and relkind not in ('i', 'I')
      and not relispartition$$,
  $$values
    ('r', 'known_devices'), ('r', 'login_attempts'), ('r', 'outbox'), ('r', 'receivers'), ('r', 'refresh_tokens'),
    ('r', 'settings'), ('r', 'used_proofs'), ('p', 'session_events'), ('v', 'sessions'),
    ('c', 'adopt_result'), ('c', 'disavow_result'),
    ('c', 'event_record'), ('c', 'issued_tokens'), ('c', 'login_result'), ('c', 'refresh_result'),
    ('c', 'revoke_result'), ('c', 'session_state_result'),
    ('c', 'sessions_result')$$,
  'it has these tables, this view and these types'
);
select views_are('latchkey', array['sessions']);
select types_are('latchkey', array[
  'adopt_outcome', 'adopt_result', 'client_change', 'disavow_outcome', 'disavow_result',
  'ended_reason', 'event_record', 'initiating_entity', 'issued_tokens', 'login_outcome',
  'login_result', 'notice_outcome', 'on_client_change', 'receiver_format', 'receiver_url',
  'refresh_outcome', 'refresh_result', 'revoke_outcome', 'revoke_result', 'revoke_scope', 'revoked_reason',
  'session_event', 'session_state_result', 'session_status', 'sessions_result',
  'webhook_secret', 'webhook_type'
]);
select set_eq(
  $$select distinct inhparent::regclass::text from pg_inherits
    join pg_class c on c.oid = inhrelid
    where c.relnamespace = 'latchkey'::regnamespace and c.relkind in ('r', 'p')$$,
  $$values ('latchkey.session_events')$$,
  'only the events are partitioned'
);
select is_empty(
  $$select relname from pg_class
    where relnamespace = 'latchkey'::regnamespace and relowner <> 'postgres'::regrole$$,
  'the role that migrates owns all relations'
);
select is_empty(
  $$select proname from pg_proc
    where pronamespace = 'latchkey'::regnamespace and proowner <> 'postgres'::regrole$$,
  'it owns all functions too'
);

select * from finish();
rollback;
