-- The audit trail: append-only, in the words of the OWASP logging vocabulary.
-- A plain refresh writes nothing here. Partitioned by month, so that old
-- months are dropped instead of deleted; the default partition takes what no
-- month was prepared for, so that writing an event never fails for the lack of
-- one. No foreign keys: the trail outlives the user.

create table latchkey.session_events (
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  event text not null check (event in (
    'session_created', 'session_expired', 'authn_token_revoked', 'authn_token_reuse'
  )),
  session_id uuid not null,
  user_id uuid not null,
  reason text,
  initiating_entity text check (initiating_entity in ('admin', 'user', 'policy', 'system')),
  ip inet,
  user_agent text,
  primary key (id, created_at)
) partition by range (created_at);

create table latchkey.session_events_default
  partition of latchkey.session_events default;

create index session_events_user_id_idx
  on latchkey.session_events (user_id, created_at);

alter table latchkey.session_events enable row level security;
alter table latchkey.session_events_default enable row level security;

comment on table latchkey.session_events is
  'What happened to sessions, append-only; a user reads the own events.';
comment on table latchkey.session_events_default is
  'Events of months that have no partition of their own.';
comment on index latchkey.session_events_user_id_idx is
  'One user''s events in time.';
comment on column latchkey.session_events.id is 'Names the event.';
comment on column latchkey.session_events.created_at is 'When it happened.';
comment on column latchkey.session_events.event is
  'The OWASP word: session_created, session_expired, authn_token_revoked, authn_token_reuse.';
comment on column latchkey.session_events.session_id is 'The session it happened to.';
comment on column latchkey.session_events.user_id is 'Whose session it is.';
comment on column latchkey.session_events.reason is
  'Why a session was ended, as in refresh_tokens.revoked_reason.';
comment on column latchkey.session_events.initiating_entity is
  'Who ended it, in CAEP''s words: admin, user, policy or system.';
comment on column latchkey.session_events.ip is 'The client''s address at sign-in.';
comment on column latchkey.session_events.user_agent is 'The User-Agent header at sign-in.';
