-- The audit trail: append-only, with the event names of the OWASP logging vocabulary.
-- A plain refresh writes nothing here. The table is partitioned by month, so that old
-- months are dropped instead of deleted row by row. Events of months without a
-- partition go to the default partition, so a missing partition never makes a write
-- fail. The table has no foreign keys, because the audit trail is kept after the user
-- is deleted.

create table latchkey.session_events (
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  event latchkey.session_event not null,
  session_id uuid not null,
  user_id uuid not null,
  reason latchkey.ended_reason,
  initiating_entity latchkey.initiating_entity,
  ip inet,
  user_agent text,
  client text,
  country text,
  previous_client text,
  previous_country text,
  actor_session_id uuid,
  actor_ip inet,
  primary key (id, created_at)
) partition by range (created_at);

create table latchkey.session_events_default
  partition of latchkey.session_events default;

create index session_events_user_id_idx
  on latchkey.session_events (user_id, created_at);

alter table latchkey.session_events enable row level security;
alter table latchkey.session_events_default enable row level security;

comment on table latchkey.session_events is
  'The audit trail of sessions, append-only. Users can read their own events.';
comment on table latchkey.session_events_default is
  'Events of months that have no partition.';
comment on index latchkey.session_events_user_id_idx is
  'Finds one user''s events by time.';
comment on column latchkey.session_events.id is 'Identifies the event.';
comment on column latchkey.session_events.created_at is 'When it happened.';
comment on column latchkey.session_events.event is
  'The event name of the OWASP vocabulary: session_created, session_expired, authn_token_revoked, authn_token_reuse, and Latchkey''s authn_proof_refused, session_client_changed, session_disavowed and new_device.';
comment on column latchkey.session_events.session_id is 'The session that it happened to.';
comment on column latchkey.session_events.user_id is 'The user whose session it is.';
comment on column latchkey.session_events.reason is
  'Why a session ended, as in refresh_tokens.revoked_reason, or expired.';
comment on column latchkey.session_events.initiating_entity is
  'Who ended it, in CAEP''s words: admin, user, policy or system.';
comment on column latchkey.session_events.ip is
  'The client''s address at sign-in; at the refresh for session_client_changed.';
comment on column latchkey.session_events.user_agent is
  'The User-Agent header at sign-in; at the refresh for session_client_changed.';
comment on column latchkey.session_events.client is
  'The program and the platform in user_agent, such as Chrome on Windows.';
comment on column latchkey.session_events.country is 'The country of ip, if it is known.';
comment on column latchkey.session_events.previous_client is
  'For session_client_changed: the program and the platform before.';
comment on column latchkey.session_events.previous_country is
  'For session_client_changed: the country before.';
comment on column latchkey.session_events.actor_session_id is
  'The session that requested the end; null if none did (an administrator, a policy, Supabase Auth) or if it is not known.';
comment on column latchkey.session_events.actor_ip is
  'The address that requested the end, as the function saw it; null if the request did not come through a function.';
