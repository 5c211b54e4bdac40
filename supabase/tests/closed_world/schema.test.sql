-- What is not listed here fails until it is declared.
begin;
select plan(8);

select schema_owner_is('latchkey', 'postgres');
select set_eq(
  $$select distinct classid::regclass::text from pg_depend
    where refclassid = 'pg_namespace'::regclass and refobjid = 'latchkey'::regnamespace$$,
  $$values ('pg_class'), ('pg_proc'), ('pg_type')$$,
  'Relations, functions and types live here, and nothing else'
);
select set_eq(
  $$select relkind::text, relname::text from pg_class
    where relnamespace = 'latchkey'::regnamespace and relkind not in ('i', 'I')
      and not relispartition$$,
  $$values
    ('r', 'login_attempts'), ('r', 'settings'), ('r', 'refresh_tokens'), ('p', 'session_events'),
    ('r', 'outbox'), ('r', 'receivers'), ('r', 'settings'), ('r', 'refresh_tokens'), ('p', 'session_events'),
    ('v', 'sessions'),
    ('c', 'adopt_result'),
    ('c', 'issued_tokens'), ('c', 'login_result'), ('c', 'refresh_result'), ('c', 'session_end'),
    ('c', 'revoke_result'), ('c', 'session_state_result'),
    ('c', 'sessions_result')$$,
  'These tables, this view and these types'
);
select views_are('latchkey', array['sessions']);
select types_are(
  'latchkey',
  array[
    'adopt_outcome',
    'adopt_result',
    'ended_reason',
    'initiating_entity',
    'issued_tokens',
    'login_outcome',
    'login_result',
    'notice_outcome',
    'refresh_outcome',
    'refresh_result',
    'revoke_outcome',
    'revoke_result',
    'revoke_scope',
    'revoked_reason',
    'session_end',
    'session_event',
    'session_state_result',
    'session_status',
    'sessions_result'
  ]
);
select set_eq(
  $$select distinct inhparent::regclass::text from pg_inherits
    join pg_class c on c.oid = inhrelid
    where c.relnamespace = 'latchkey'::regnamespace and c.relkind in ('r', 'p')$$,
  $$values ('latchkey.session_events')$$,
  'Only the events are partitioned'
);
select is_empty(
  $$select relname from pg_class
    where relnamespace = 'latchkey'::regnamespace and relowner <> 'postgres'::regrole$$,
  'All relations belong to the role that migrates'
);
select is_empty(
  $$select proname from pg_proc
    where pronamespace = 'latchkey'::regnamespace and proowner <> 'postgres'::regrole$$,
  'So do all functions'
);

select * from finish();
rollback;
