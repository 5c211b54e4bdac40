-- Generated from supabase/schemas/ by `deno task migration`: change the files
-- there, then run the task.

-- schemas/schema.sql

-- Everything that Latchkey owns is in this schema. It is exposed to the Data API
-- (config.toml, [api] schemas), so that an app lists and ends its sessions with
-- plain supabase-js. grants.sql says what each role may do here.

create schema latchkey;
comment on schema latchkey is
  'Latchkey: revocable sessions on top of Supabase Auth.';

-- schemas/role.sql

-- A role belongs to the whole server and remains after a database reset, so it may
-- exist already. It cannot log in until the project's owner gives it a password:
-- there is no default secret.

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'latchkey_functions') then
    create role latchkey_functions nologin noinherit;
  end if;
end
$$;
-- Shorter than the time for which the functions wait for an answer.
alter role latchkey_functions set statement_timeout = '2s';
-- The functions rely on seeing what others have committed in the meantime.
alter role latchkey_functions set default_transaction_isolation = 'read committed';
comment on role latchkey_functions is
  'What the Edge Functions log in as when LATCHKEY_DB_URL is set: executes Latchkey''s functions, reads and writes nothing itself.';

-- schemas/types/enums/adopt_outcome.sql

create type latchkey.adopt_outcome as enum (
  'created',
  'repeated',
  'managed',
  'oauth_client',
  'banned',
  'refused',
  'proof_required',
  'replayed',
  'revoked',
  'expired'
);
comment on type latchkey.adopt_outcome is
  'The outcome of an adoption. repeated: the session was adopted before; managed: Latchkey manages the session and this request may not take it over; oauth_client: it is the session of an OAuth client; refused: the session limit; proof_required: settings.require_proof, and the request has no proof; replayed: the proof was used before.';

-- schemas/types/enums/client_change.sql

create type latchkey.client_change as enum (
  'user_agent',
  'country',
  'both'
);
comment on type latchkey.client_change is
  'What counts as a change of client. user_agent: another browser or another platform, not another version; country: the country of the address; both: either of the two.';

-- schemas/types/enums/disavow_outcome.sql

create type latchkey.disavow_outcome as enum (
  'done',
  'used',
  'unknown'
);
comment on type latchkey.disavow_outcome is
  'The outcome of disavowing a session. used: the token was used before; unknown: the session''s row does not exist any more.';

-- schemas/types/enums/ended_reason.sql

create type latchkey.ended_reason as enum (
  'signed_out',
  'user',
  'admin',
  'reuse',
  'password_changed',
  'banned',
  'user_deleted',
  'session_limit',
  'suspicious',
  'expired',
  'idle',
  'absolute',
  'aal1'
);
comment on type latchkey.ended_reason is
  'Why a session is not active: a revoked_reason, or expired, or the setting by which it expired: idle (idle_timeout), absolute (absolute_timeout) or aal1 (aal1_timeout).';

-- schemas/types/enums/initiating_entity.sql

create type latchkey.initiating_entity as enum (
  'admin',
  'user',
  'policy',
  'system'
);
comment on type latchkey.initiating_entity is
  'Who ended a session, in the words of CAEP.';

-- schemas/types/enums/login_outcome.sql

create type latchkey.login_outcome as enum (
  'created',
  'banned',
  'refused',
  'proof_required',
  'replayed',
  'unknown'
);
comment on type latchkey.login_outcome is
  'The outcome of a login. refused: by the session limit; proof_required: settings.require_proof, and the request has no proof; replayed: the proof was used before; unknown: Supabase Auth no longer has the session or the user.';

-- schemas/types/enums/notice_outcome.sql

create type latchkey.notice_outcome as enum (
  'delivered',
  'refused',
  'gone',
  'failed',
  'given_up'
);
comment on type latchkey.notice_outcome is
  'The outcome of sending a notice. refused: permanently, by the receiver; gone: the receiver wants no more notices; failed: it is sent again; given_up: after three days.';

-- schemas/types/enums/on_client_change.sql

create type latchkey.on_client_change as enum (
  'ignore',
  'record',
  'step_up',
  'end'
);
comment on type latchkey.on_client_change is
  'What a change of client causes. ignore: nothing; record: an event; step_up: an event, and the session has aal1 until its user verifies a factor again; end: an event, and the session ends with reason suspicious.';

-- schemas/types/enums/receiver_format.sql

create type latchkey.receiver_format as enum (
  'caep',
  'standard_webhooks'
);
comment on type latchkey.receiver_format is
  'How a receiver gets its notices. caep: Security Event Tokens, signed with the project''s key; standard_webhooks: Standard Webhooks, signed with a secret of the receiver.';

-- schemas/types/enums/refresh_outcome.sql

create type latchkey.refresh_outcome as enum (
  'rotated',
  'repeated',
  'reused',
  'proof_required',
  'nonce_required',
  'replayed',
  'revoked',
  'expired',
  'unknown'
);
comment on type latchkey.refresh_outcome is
  'The outcome of a refresh. repeated: the token was replaced within the reuse interval, or the session''s key proved that its holder never got the new one; reused: it was replaced earlier, and the session has just been revoked; proof_required: the session is bound to a key and the request has no proof by it; nonce_required: the token is too old, which counts as reuse only with a proof made for this answer''s nonce; replayed: the proof was used before; unknown: there is no such token.';

-- schemas/types/enums/revoke_outcome.sql

create type latchkey.revoke_outcome as enum (
  'done',
  'forbidden',
  'oauth_client',
  'reauthentication_required',
  'revoked',
  'expired'
);
comment on type latchkey.revoke_outcome is
  'The outcome of a revocation by a user. forbidden: the user has no such session; oauth_client: an OAuth client may end only its own session; reauthentication_required: the sign-in is longer ago than settings.revoke_max_age; revoked, expired: the calling session is not active.';

-- schemas/types/enums/revoke_scope.sql

create type latchkey.revoke_scope as enum (
  'local',
  'others',
  'global'
);
comment on type latchkey.revoke_scope is
  'Which sessions of a user to end, relative to the calling one, as in Supabase Auth''s sign-out.';

-- schemas/types/enums/revoked_reason.sql

create type latchkey.revoked_reason as enum (
  'signed_out',
  'user',
  'admin',
  'reuse',
  'password_changed',
  'banned',
  'user_deleted',
  'session_limit',
  'suspicious'
);
comment on type latchkey.revoked_reason is
  'Why a session was revoked. user: from another device of the user; reuse: a replaced refresh token was used again; session_limit: the user had too many sessions; suspicious: another client used it (settings.on_client_change), or its user disavowed it.';

-- schemas/types/enums/session_event.sql

create type latchkey.session_event as enum (
  'session_created',
  'session_expired',
  'authn_token_revoked',
  'authn_token_reuse',
  'authn_proof_refused',
  'session_client_changed',
  'session_disavowed',
  'new_device'
);
comment on type latchkey.session_event is
  'What the audit trail records, in the words of the OWASP logging vocabulary. authn_proof_refused: somebody sent the refresh token of a bound session without a proof by its key; session_client_changed: a session was refreshed from another client; session_disavowed: its user says that somebody else started it; new_device: a session started on a device on which its user had not signed in before.';

-- schemas/types/enums/session_status.sql

create type latchkey.session_status as enum (
  'active',
  'revoked',
  'expired'
);
comment on type latchkey.session_status is
  'The state of a session.';

-- schemas/types/domains/receiver_url.sql

-- A domain, so that the error for a wrong URL does not quote the row with the
-- receiver's secrets.

create domain latchkey.receiver_url as text
  constraint receiver_url_is_https_or_this_machine check (
    value ~ '^https://[^/@?#]+([/?]|$)'
    or value ~ '^http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?([/?]|$)'
  );
comment on domain latchkey.receiver_url is
  'Where a receiver listens, without user name and password.';
comment on constraint receiver_url_is_https_or_this_machine on domain latchkey.receiver_url is
  'Notices are sent over https only, except on this machine.';

-- schemas/types/domains/webhook_secret.sql

create domain latchkey.webhook_secret as text
  constraint webhook_secret_is_whsec_and_base64_of_24_to_64_bytes check (
    case
      when value ~ '^whsec_([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?$'
        then octet_length(decode(substr(value, length('whsec_') + 1), 'base64')) between 24 and 64
      else value is null
    end
  );
comment on domain latchkey.webhook_secret is
  'A secret that signs webhooks, as the Standard Webhooks specification writes it.';
comment on constraint webhook_secret_is_whsec_and_base64_of_24_to_64_bytes on domain latchkey.webhook_secret is
  'The size that the specification asks for.';

-- schemas/types/domains/webhook_type.sql

-- A domain, so that a wrong value in an array is named by a constraint, and the
-- error does not quote the row with the receiver's secrets.

create domain latchkey.webhook_type as text
  constraint webhook_type_is_known check (value in (
    'session.created',
    'session.revoked',
    'session.expired',
    'session.reuse_detected',
    'session.client_changed'
  ));
comment on domain latchkey.webhook_type is
  'What a receiver can be told: the type of a webhook''s payload.';
comment on constraint webhook_type_is_known on domain latchkey.webhook_type is
  'The types that docs/webhooks.md lists.';

-- schemas/tables/settings.sql

-- One row, so that a change is one update, takes effect with the next statement and
-- needs no redeploy.

create table latchkey.settings (
  singleton boolean primary key default true check (singleton),
  access_token_seconds integer not null default 900
    check (access_token_seconds between 60 and 86400),
  reuse_interval_seconds integer not null default 10
    check (reuse_interval_seconds between 0 and 60),
  idle_timeout interval not null default interval '30 days'
    check (idle_timeout between interval '5 minutes' and interval '3650 days'),
  absolute_timeout interval not null default interval '365 days'
    check (absolute_timeout between interval '5 minutes' and interval '3650 days'),
  aal1_timeout interval
    check (aal1_timeout between interval '1 minute' and interval '3650 days'),
  sessions_per_user integer default 1000
    check (sessions_per_user between 1 and 1000),
  at_session_limit text not null default 'end_oldest'
    check (at_session_limit in ('end_oldest', 'refuse')),
  custom_access_token_hook text,
  strict boolean not null default false,
  require_proof boolean not null default false,
  client_change latchkey.client_change not null default 'user_agent',
  on_client_change latchkey.on_client_change not null default 'record',
  attempts_before_delay integer not null default 5
    check (attempts_before_delay between 1 and 100),
  longest_attempt_delay interval not null default interval '15 minutes'
    check (longest_attempt_delay between interval '1 second' and interval '1 day'),
  ended_sessions_kept interval not null default interval '30 days'
    check (ended_sessions_kept between interval '1 day' and interval '3650 days'),
  events_kept interval not null default interval '1 year'
    check (events_kept between interval '1 month' and interval '100 years'),
  devices_kept interval not null default interval '2 years'
    check (devices_kept between interval '1 month' and interval '100 years'),
  revoke_max_age interval
    check (revoke_max_age between interval '1 minute' and interval '30 days')
);

comment on table latchkey.settings is
  'Latchkey''s settings, one row: update latchkey.settings set …; no redeploy needed.';
comment on column latchkey.settings.singleton is
  'Always true: there is one row.';
comment on column latchkey.settings.access_token_seconds is
  'Lifetime of an access token in seconds. A service that checks only the token trusts an ended session for at most this long.';
comment on column latchkey.settings.reuse_interval_seconds is
  'For this many seconds after its replacement, a refresh token counts as a race or a retry and not as theft.';
comment on column latchkey.settings.idle_timeout is
  'A session that is not refreshed for this long expires. Each refresh restarts this period.';
comment on column latchkey.settings.absolute_timeout is
  'A session expires this long after sign-in, however often it is refreshed. Fixed at sign-in.';
comment on column latchkey.settings.aal1_timeout is
  'A session whose user has a verified second factor expires this long after sign-in, unless the factor is verified in it, as with Supabase Auth''s limit for AAL1 sessions. Null for no limit.';
comment on column latchkey.settings.sessions_per_user is
  'How many active sessions of Latchkey a user may have; null for any number. The default is more than a person needs. Enforced when a session starts.';
comment on column latchkey.settings.at_session_limit is
  'end_oldest: the sessions with the oldest sign-in end with reason session_limit. refuse: the new session is refused.';
comment on column latchkey.settings.custom_access_token_hook is
  'A function schema.name(event jsonb) returns jsonb that changes the claims of each access token, like Supabase Auth''s custom access token hook; null for none.';
comment on column latchkey.settings.strict is
  'If check_request() is in use: refuse signed-in callers whose session Latchkey does not manage. Turn it on once every sign-in goes through /login.';
comment on column latchkey.settings.require_proof is
  'Refuse new sessions that are not bound to a key of the client (DPoP, RFC 9449). Existing sessions go on.';
comment on column latchkey.settings.client_change is
  'What counts as a change of client at a refresh: user_agent (another browser or platform, not another version), country, or both (a change of either).';
comment on column latchkey.settings.on_client_change is
  'What a change of client causes: ignore, record (an event), step_up (an event, and aal1 until the user verifies a factor) or end (an event, and the session ends with reason suspicious).';
comment on column latchkey.settings.attempts_before_delay is
  'How many wrong passwords in a row cause no delay for an account. For a client address it is ten times as many. Each further one doubles the delay, starting at 1 second.';
comment on column latchkey.settings.longest_attempt_delay is
  'The longest delay.';
comment on column latchkey.settings.ended_sessions_kept is
  'How long an ended session can still say why it ended; after that its tokens are unknown.';
comment on column latchkey.settings.events_kept is
  'Retention period of the audit trail; whole months are dropped.';
comment on column latchkey.settings.devices_kept is
  'How long a device is known after the last sign-in on it. If this is shorter than absolute_timeout, a returning device may count as a new one.';
comment on column latchkey.settings.revoke_max_age is
  'A user who ends a session other than the calling one must have authenticated within this time. Null for no such rule. Signing out the calling session always works.';

insert into latchkey.settings default values;

alter table latchkey.settings enable row level security;

-- schemas/tables/refresh_tokens.sql

-- One row per session, updated in place, so storage does not grow with use. An older
-- token needs no row: its generation identifies it for as long as the session's row
-- exists.
--
-- Rotation must stay a heap-only update, so no index may name a column that rotation
-- changes (generation, rotated_at, idle_expires_at, active_until, aal, amr, proof_ids,
-- last_ip, last_user_agent, client, country), and each page keeps room for new versions.
-- With a fillfactor of 85, a page with 14 sessions has room for two new versions. That
-- is enough, because the next rotation on the page removes the old versions. A browser
-- that was updated makes its row longer, once, and that version may need another page.
--
-- The columns that rotation changes are next to each other, because the write-ahead
-- log has the row's bytes from the first change to the last; with wal_level = logical,
-- which Supabase uses for Realtime, the whole row.
--
-- active_until is the one definition of an active session, now() < active_until. It
-- is a column and not a function, because a call for each row made the list of
-- sessions slower by a third.

create table latchkey.refresh_tokens (
  session_id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  adoption_nonce bytea check (octet_length(adoption_nonce) = 17),
  jkt bytea check (octet_length(jkt) = 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  generation integer not null default 0 check (generation >= 0),
  rotated_at timestamptz not null default now(),
  idle_expires_at timestamptz not null,
  active_until timestamptz generated always as (
    case when revoked_at is null then least(expires_at, idle_expires_at) end
  ) stored,
  aal text not null default 'aal1' check (aal in ('aal1', 'aal2', 'aal3')),
  amr jsonb not null default '[]' check (jsonb_typeof(amr) = 'array'),
  proof_ids bytea not null default '' check (octet_length(proof_ids) <= 256),
  last_ip inet,
  last_user_agent text check (length(last_user_agent) <= 512),
  client text check (length(client) <= 128),
  country text check (length(country) = 2),
  user_agent text check (length(user_agent) <= 512),
  ip inet,
  device_name text check (length(device_name) <= 128),
  revoked_at timestamptz,
  revoked_reason latchkey.revoked_reason,
  revoked_by latchkey.initiating_entity,
  revoked_by_session_id uuid,
  revoked_by_ip inet,
  expiry_published_at timestamptz,
  disavowed_at timestamptz,
  constraint revoked_with_reason
    check ((revoked_at is null) = (revoked_reason is null))
) with (fillfactor = 85);

-- The cascade from auth.users and the list of one user's sessions.
create index refresh_tokens_user_id_idx on latchkey.refresh_tokens (user_id);

alter table latchkey.refresh_tokens enable row level security;

comment on table latchkey.refresh_tokens is
  'One row per session that Latchkey manages. Only Latchkey''s functions write it; users can read some columns of their own rows (see the view latchkey.sessions).';
comment on column latchkey.refresh_tokens.session_id is
  'auth.sessions.id and the claim session_id. Not a foreign key, because the row of an ended session is kept, so that Latchkey can still say why it ended.';
comment on column latchkey.refresh_tokens.user_id is
  'The user whose session it is.';
comment on column latchkey.refresh_tokens.secret_hash is
  'sha256 of the 16 random bytes drawn at login. The tokens also carry an HMAC whose key is not in the database, so a copy of this table issues no token.';
comment on column latchkey.refresh_tokens.adoption_nonce is
  'For an adopted session: the id of the key and the 16 random bytes from which its seed is derived, so that two tabs that adopt it get the same tokens. Null for a session that began at /login with a password.';
comment on column latchkey.refresh_tokens.jkt is
  'The thumbprint (RFC 7638) of the client''s public key. Only a client that proves this key refreshes the session (DPoP, RFC 9449). Null for a session that is not bound to a key. Fixed at sign-in.';
comment on column latchkey.refresh_tokens.created_at is
  'When the user signed in to the session.';
comment on column latchkey.refresh_tokens.expires_at is
  'When the session expires, however often it is refreshed. Fixed at sign-in.';
comment on column latchkey.refresh_tokens.generation is
  'How many times the refresh token was replaced; the token of this generation is the current one.';
comment on column latchkey.refresh_tokens.rotated_at is
  'When the token was last replaced. The reuse interval starts then.';
comment on column latchkey.refresh_tokens.idle_expires_at is
  'When the session expires if it is not refreshed. Each rotation moves it.';
comment on column latchkey.refresh_tokens.active_until is
  'The session is active before this time: it expires then, unless it is refreshed. Null once it is revoked.';
comment on column latchkey.refresh_tokens.aal is
  'Authenticator assurance level, as in Supabase Auth.';
comment on column latchkey.refresh_tokens.amr is
  'How the user authenticated, newest first: [{"method", "timestamp"}], as in Supabase Auth.';
comment on column latchkey.refresh_tokens.proof_ids is
  'The proofs of the last rotation and of those shortly before it, newest first: 16 bytes each, as used_proofs.proof_id. None of them is accepted again.';
comment on column latchkey.refresh_tokens.last_ip is
  'The client''s address at the last rotation, as the function saw it.';
comment on column latchkey.refresh_tokens.last_user_agent is
  'The User-Agent header at the last rotation, cut at 512 characters; null if it is the same as at sign-in, because each rotation writes the whole row to the log.';
comment on column latchkey.refresh_tokens.client is
  'The program and the platform in the User-Agent header at the last rotation, without versions, such as Chrome on Windows; null if there was no such header.';
comment on column latchkey.refresh_tokens.country is
  'The last known country of last_ip: two letters, as the function saw it.';
comment on column latchkey.refresh_tokens.user_agent is
  'The User-Agent header at sign-in, cut at 512 characters.';
comment on column latchkey.refresh_tokens.ip is
  'The client''s address at sign-in, as the function saw it.';
comment on column latchkey.refresh_tokens.device_name is
  'The name that the app gives the device.';
comment on column latchkey.refresh_tokens.revoked_at is
  'When the session was revoked; null if it was not.';
comment on column latchkey.refresh_tokens.revoked_reason is
  'Why the session was revoked.';
comment on column latchkey.refresh_tokens.revoked_by is
  'Who revoked the session. Latchkey''s functions set it, and publish the end themselves.';
comment on column latchkey.refresh_tokens.revoked_by_session_id is
  'The session that requested the end; null if no session did or it is not known.';
comment on column latchkey.refresh_tokens.revoked_by_ip is
  'The address that requested the end, as the function saw it; null if the request did not come through a function.';
comment on column latchkey.refresh_tokens.expiry_published_at is
  'When the upkeep published that the session expired; null before.';
comment on column latchkey.refresh_tokens.disavowed_at is
  'When the user said that somebody else had started the session; its disavow token is used up.';
comment on constraint revoked_with_reason on latchkey.refresh_tokens is
  'A revoked session has a reason, and only a revoked session has one.';
comment on index latchkey.refresh_tokens_user_id_idx is
  'Finds one user''s sessions, also for the cascade from auth.users.';

-- schemas/tables/session_events.sql

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

-- schemas/tables/login_attempts.sql

-- Failed sign-ins are counted in the database, because functions keep no memory
-- between requests. The keys are hashes, so the table shows no address and no
-- e-mail.

create table latchkey.login_attempts (
  kind text not null check (kind in ('account', 'address')),
  key_hash bytea not null check (octet_length(key_hash) = 32),
  failures integer not null default 0 check (failures >= 0),
  last_failed_at timestamptz not null default now(),
  blocked_until timestamptz,
  primary key (kind, key_hash)
);

-- Pruning finds the oldest without reading the rest.
create index login_attempts_last_failed_at_idx on latchkey.login_attempts (last_failed_at);

alter table latchkey.login_attempts enable row level security;

comment on table latchkey.login_attempts is
  'Counts the sign-ins by password that failed or whose outcome is not known yet: one row per account, whether it exists or not, and one per client address. A row that had no attempt for a day no longer counts, and prune_attempts deletes it.';
comment on column latchkey.login_attempts.kind is
  'Whether an account or a client address is counted.';
comment on column latchkey.login_attempts.key_hash is
  'latchkey.attempt_key of the account or the address.';
comment on column latchkey.login_attempts.failures is
  'How many attempts failed or are in progress.';
comment on column latchkey.login_attempts.last_failed_at is
  'When the last of them began.';
comment on column latchkey.login_attempts.blocked_until is
  'No password is checked before this time; null if no attempt needs to wait.';
comment on index latchkey.login_attempts_last_failed_at_idx is
  'Finds the rows that are old enough to delete.';

-- schemas/tables/known_devices.sql

-- The devices on which each user signed in. A sign-in on another one is the event
-- new_device.

create table latchkey.known_devices (
  user_id uuid not null references auth.users (id) on delete cascade,
  device_hash bytea not null check (octet_length(device_hash) = 32),
  session_id uuid not null,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  primary key (user_id, device_hash)
);

-- Pruning finds the oldest without reading the rest.
create index known_devices_last_seen_at_idx on latchkey.known_devices (last_seen_at);

alter table latchkey.known_devices enable row level security;

comment on table latchkey.known_devices is
  'The devices on which each user signed in, at most 100 per user. A client is known by the random id that it keeps in its storage; only a hash of it is here.';
comment on column latchkey.known_devices.user_id is 'The user who signed in.';
comment on column latchkey.known_devices.device_hash is
  'sha256 of the user''s id and the device''s id, so that the rows of two users do not show that they share a device.';
comment on column latchkey.known_devices.session_id is
  'The session that began with the first sign-in on the device. If its user disavows it, the device is forgotten.';
comment on column latchkey.known_devices.first_seen_at is
  'When the user first signed in on the device.';
comment on column latchkey.known_devices.last_seen_at is
  'When the user last signed in on the device.';
comment on index latchkey.known_devices_last_seen_at_idx is
  'Finds the devices that are old enough to forget.';

-- schemas/tables/used_proofs.sql

-- The proofs with which sessions began, or with which a replaced refresh token was
-- exchanged once more. Rotation, which is much more frequent, notes its proof in the
-- session's own row (refresh_tokens.proof_ids).

create table latchkey.used_proofs (
  proof_id bytea primary key check (octet_length(proof_id) = 16),
  expires_at timestamptz not null default now() + interval '5 minutes'
);

-- Pruning finds the oldest without reading the rest.
create index used_proofs_expires_at_idx on latchkey.used_proofs (expires_at);

alter table latchkey.used_proofs enable row level security;

comment on table latchkey.used_proofs is
  'Proofs of a key (RFC 9449) that gave somebody tokens, so that a request that was copied gives none.';
comment on column latchkey.used_proofs.proof_id is
  'The first 16 bytes of sha256 of the claim jti.';
comment on column latchkey.used_proofs.expires_at is
  'By then the Edge Functions refuse the proof because of its age, on all clocks that are right to about a minute. Then prune_proofs deletes the row.';
comment on index latchkey.used_proofs_expires_at_idx is
  'Finds the rows that are old enough to delete.';

-- schemas/tables/receivers.sql

-- Other services that are told what happens to sessions. The owner of the project
-- writes this table by SQL; no other role sees it.

create table latchkey.receivers (
  id uuid primary key default gen_random_uuid(),
  url latchkey.receiver_url not null,
  format latchkey.receiver_format not null default 'caep',
  events latchkey.webhook_type[] not null default '{session.revoked}'
    constraint receiver_has_events check (
      cardinality(events) > 0 and array_position(events, null) is null
    ),
  audience text check (audience <> ''),
  secrets latchkey.webhook_secret[] not null default '{}'
    check (array_position(secrets, null) is null),
  enabled boolean not null default true,
  resume_at timestamptz,
  created_at timestamptz not null default now(),
  constraint caep_has_audience
    check (format <> 'caep' or audience is not null),
  constraint caep_gets_only_revocations
    check (format <> 'caep' or events = '{session.revoked}'),
  constraint standard_webhooks_has_secrets
    check (format <> 'standard_webhooks' or cardinality(secrets) > 0)
);

alter table latchkey.receivers enable row level security;

comment on table latchkey.receivers is
  'Services that are told what happens to sessions, see the function deliver.';
comment on column latchkey.receivers.id is 'Names the receiver.';
comment on column latchkey.receivers.url is
  'Where notices are sent by POST: https, or http on this machine.';
comment on column latchkey.receivers.format is
  'How its notices are written and signed.';
comment on column latchkey.receivers.events is
  'What it is told. A caep receiver gets revocations only.';
comment on column latchkey.receivers.audience is
  'For caep: the aud claim of its tokens, which tells the receiver that they are meant for it.';
comment on column latchkey.receivers.secrets is
  'For standard_webhooks: the first two sign every webhook, so that a new secret can replace an old one without a gap.';
comment on column latchkey.receivers.enabled is
  'While false, no new notices are queued for it, and queued ones wait. An answer of 410 to a webhook sets it to false.';
comment on column latchkey.receivers.resume_at is
  'Nothing is sent before this time, because the receiver asked for it or was overloaded.';
comment on column latchkey.receivers.created_at is 'When it was added.';
comment on constraint receiver_has_events on latchkey.receivers is
  'A receiver gets at least one type of event. To pause it, set enabled to false.';
comment on constraint caep_has_audience on latchkey.receivers is
  'Without an audience, a token for one receiver could be shown to another.';
comment on constraint caep_gets_only_revocations on latchkey.receivers is
  'CAEP has no event for the other types.';
comment on constraint standard_webhooks_has_secrets on latchkey.receivers is
  'Without a secret, a webhook could not be verified.';

-- schemas/tables/outbox.sql

-- One row per event and receiver, written in the transaction of the event: a notice
-- exists if and only if what it tells was committed.

create table latchkey.outbox (
  id uuid primary key default gen_random_uuid(),
  receiver_id uuid not null references latchkey.receivers (id) on delete cascade,
  payload jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  due_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0 check (attempts >= 0),
  last_answer text,
  settled_at timestamptz,
  outcome latchkey.notice_outcome check (outcome <> 'failed'),
  constraint settled_with_outcome
    check ((settled_at is null) = (outcome is null))
);

-- For the notices that are due at each receiver, and for the cascade from receivers.
create index outbox_due_idx on latchkey.outbox (receiver_id, due_at)
  where settled_at is null;
create index outbox_settled_idx on latchkey.outbox (settled_at)
  where settled_at is not null;

alter table latchkey.outbox enable row level security;

comment on table latchkey.outbox is
  'Notices that tell receivers what happened to sessions, waiting or settled.';
comment on column latchkey.outbox.id is
  'The webhook-id, or the jti of a Security Event Token. It is the same at each attempt, so that a receiver can drop duplicates.';
comment on column latchkey.outbox.receiver_id is 'The receiver that it is for.';
comment on column latchkey.outbox.payload is
  'What happened: {"type", "timestamp", "data"}, as a webhook sends it. It contains no token.';
comment on column latchkey.outbox.created_at is 'When it was queued.';
comment on column latchkey.outbox.due_at is 'When it is to be sent, or sent again.';
comment on column latchkey.outbox.attempts is 'How many times it was taken to be sent.';
comment on column latchkey.outbox.last_answer is
  'The last answer: a status, the receiver''s error code, or a note that there was no answer.';
comment on column latchkey.outbox.settled_at is
  'When nothing was left to do; null while it waits.';
comment on column latchkey.outbox.outcome is
  'delivered; refused by the receiver permanently; gone, when the receiver wants no more; or given_up after three days.';
comment on constraint settled_with_outcome on latchkey.outbox is
  'A settled notice has an outcome, and a notice that waits has none.';
comment on index latchkey.outbox_due_idx is
  'Finds the waiting notices of a receiver, the longest due first.';
comment on index latchkey.outbox_settled_idx is 'Finds what can be pruned.';

-- schemas/types/adopt_result.sql

create type latchkey.adopt_result as (
  outcome latchkey.adopt_outcome,
  reason latchkey.ended_reason,
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb,
  adoption_nonce bytea,
  database_time timestamptz
);
comment on type latchkey.adopt_result is
  'The result of adopt. created and repeated include the data to issue the tokens; refused, revoked and expired include a reason. database_time: see clock().';

-- schemas/types/disavow_result.sql

create type latchkey.disavow_result as (
  outcome latchkey.disavow_outcome,
  revoked integer,
  more boolean,
  database_time timestamptz
);
comment on type latchkey.disavow_result is
  'The result of disavow. done includes the number of sessions that ended; more is true if sessions may be left for another call. database_time: see clock().';

-- schemas/types/event_record.sql

-- Not the row type of session_events, so that sessions can end while that table is
-- missing.

create type latchkey.event_record as (
  created_at timestamptz,
  event latchkey.session_event,
  session_id uuid,
  user_id uuid,
  reason latchkey.ended_reason,
  initiating_entity latchkey.initiating_entity,
  ip inet,
  user_agent text,
  client text,
  country text,
  previous_client text,
  previous_country text,
  new_device boolean,
  actor_session_id uuid,
  actor_ip inet
);
comment on type latchkey.event_record is
  'What happened to a session, as record_events() publishes it to the audit trail and the receivers. new_device: for session_created, whether its user had not signed in on the device before, but on others.';

-- schemas/types/issued_tokens.sql

create type latchkey.issued_tokens as (
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb
);
comment on type latchkey.issued_tokens is
  'What the functions need to issue both tokens of a session. Part of login_result, adopt_result and refresh_result.';

-- schemas/types/login_result.sql

create type latchkey.login_result as (
  outcome latchkey.login_outcome,
  reason latchkey.ended_reason,
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb,
  database_time timestamptz
);
comment on type latchkey.login_result is
  'The result of login. created includes the data to issue the tokens; refused includes its reason. database_time: see clock().';

-- schemas/types/refresh_result.sql

create type latchkey.refresh_result as (
  outcome latchkey.refresh_outcome,
  reason latchkey.ended_reason,
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb,
  client_changed boolean,
  database_time timestamptz
);
comment on type latchkey.refresh_result is
  'The result of refresh. rotated and repeated include the data to issue the tokens; nonce_required includes the generation; revoked and expired include a reason. client_changed: the refresh came from another client than the last one, and an event was written. database_time: see clock().';

-- schemas/types/revoke_result.sql

create type latchkey.revoke_result as (
  outcome latchkey.revoke_outcome,
  reason latchkey.ended_reason,
  revoked integer,
  more boolean,
  max_age_seconds integer,
  database_time timestamptz
);
comment on type latchkey.revoke_result is
  'The result of revoke and revoke_by_admin. done includes the number of sessions that ended; more is true if sessions may be left for another call; reauthentication_required includes settings.revoke_max_age; revoked and expired include the reason. database_time: see clock().';

-- schemas/types/session_state_result.sql

create type latchkey.session_state_result as (
  outcome latchkey.session_status,
  reason latchkey.ended_reason
);
comment on type latchkey.session_state_result is
  'The state of a session: active, revoked (with its reason) or expired (idle, absolute or aal1).';

-- schemas/types/sessions_result.sql

create type latchkey.sessions_result as (
  outcome latchkey.session_status,
  reason latchkey.ended_reason,
  sessions jsonb
);
comment on type latchkey.sessions_result is
  'The result of sessions: active with the list, or the state of the calling session if it is not active.';

-- schemas/functions/aal1_expired.sql

-- Supabase Auth enforces its limit for AAL1 sessions only at its own refresh, and
-- only for users who have a verified second factor. This function uses the same rule.

create function latchkey.aal1_expired(token latchkey.refresh_tokens)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(
    now() < token.created_at + (select s.aal1_timeout from latchkey.settings s), true
  ) then
    return false;
  end if;
  -- The row has the level of the last rotation. The user may have verified a factor
  -- since.
  if coalesce(
    (select s.aal::text from auth.sessions s where s.id = token.session_id), token.aal
  ) <> 'aal1' then
    return false;
  end if;
  -- An Auth server without second factors has no such table, for example the local
  -- one.
  if to_regclass('auth.mfa_factors') is null then
    return false;
  end if;
  return exists (
    select from auth.mfa_factors f
    where f.user_id = token.user_id and f.status::text = 'verified'
  );
end
$$;

comment on function latchkey.aal1_expired(latchkey.refresh_tokens) is
  'Whether settings.aal1_timeout has passed for a session whose user has a second factor and has not verified it. Internal.';

-- schemas/functions/access_token_seconds.sql

create function latchkey.access_token_seconds(claims jsonb)
returns integer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (claims ->> 'exp')::bigint - floor(extract(epoch from now()))::bigint;
end
$$;

comment on function latchkey.access_token_seconds(jsonb) is
  'How many seconds an access token with these claims is valid if it is issued now. Internal.';

-- schemas/functions/adopt.sql

-- Takes over a session that Supabase Auth created in any other way. The Edge Function
-- has verified the caller's access token of that session. If the session is adopted
-- twice, or by two tabs at the same time, all callers get the same tokens: the first
-- call starts the session, and the others get its nonce, from which the Edge Function
-- derives the seed.

create function latchkey.adopt(
  session_id uuid,
  user_id uuid,
  secret_hash bytea,
  adoption_nonce bytea,
  aal text,
  amr text,
  user_agent text,
  ip text,
  device_name text,
  issuer text,
  issued_at bigint,
  proof_jkt bytea default null,
  proof_id bytea default null,
  client text default null,
  country text default null,
  device_hash bytea default null,
  deadline timestamptz default null
)
returns latchkey.adopt_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '3s'
set statement_timeout = '3s'
as $$
#variable_conflict use_column
declare
  result latchkey.adopt_result;
begin
  perform latchkey.check_deadline(deadline);

  <<decision>>
  declare
    -- Adoptions of one session run one after the other.
    auth_session constant auth.sessions := latchkey.lock_auth_session(adopt.session_id);
    state latchkey.session_state_result;
    account auth.users;
    settings latchkey.settings;
    token latchkey.refresh_tokens;
    -- Read from Auth's tables how the user signed in, because the access token may be
    -- older.
    actual_aal text;
    actual_amr jsonb;
  begin
    select u.* into account from auth.users u where u.id = adopt.user_id;
    if account.banned_until > now() then
      result.outcome := 'banned';
      exit decision;
    end if;
    state := latchkey.session_state(adopt.session_id, adopt.user_id);
    if state.outcome = 'active' and auth_session.not_after <= now() then
      state := ('expired', 'absolute');
    end if;
    if state.outcome <> 'active' then
      result.outcome := state.outcome::text;
      result.reason := state.reason;
      exit decision;
    end if;
    if latchkey.is_oauth_client(adopt.session_id) then
      result.outcome := 'oauth_client';
      exit decision;
    end if;

    select s.* into strict settings from latchkey.settings s;
    actual_aal := coalesce(auth_session.aal::text, adopt.aal);
    actual_amr := coalesce(latchkey.amr(adopt.session_id), adopt.amr::jsonb);

    select t.* into token
    from latchkey.refresh_tokens t where t.session_id = adopt.session_id;
    if found then
      -- A copy of the access token alone must not be enough to take over a session that
      -- is bound to a key.
      if token.jkt is not null and token.jkt is distinct from proof_jkt then
        result.outcome := 'managed';
        exit decision;
      end if;
      -- Auth also issues access tokens later, for example to a user who enrols a
      -- second factor. That needs only an access token of Latchkey, so such a token
      -- may not adopt. Its iat is from Auth's clock, which may be ahead of the
      -- database's.
      if token.adoption_nonce is null
        or (adopt.issued_at <= extract(epoch from token.created_at) + 5) is not true then
        result.outcome := 'managed';
        exit decision;
      end if;
      if not latchkey.use_proof(proof_id) then
        result.outcome := 'replayed';
        exit decision;
      end if;
      result.outcome := 'repeated';
      token.aal := actual_aal;
      token.amr := actual_amr;
    else
      if settings.require_proof and proof_jkt is null then
        result.outcome := 'proof_required';
        exit decision;
      end if;
      if not latchkey.use_proof(proof_id) then
        result.outcome := 'replayed';
        exit decision;
      end if;
      token := latchkey.start_session(
        auth_session, settings, secret_hash, adoption_nonce, actual_aal, actual_amr,
        user_agent, ip, device_name, proof_jkt, client, country, device_hash
      );
      if token.session_id is null then
        result.outcome := 'refused';
        result.reason := 'session_limit';
        exit decision;
      end if;
      result.outcome := 'created';
    end if;

    select result.outcome, null, i.*, token.adoption_nonce into result
    from latchkey.issue_tokens(
      token, account, settings, issuer, coalesce(token.amr -> 0 ->> 'method', 'token_refresh')
    ) i;
  end;

  result.database_time := latchkey.check_deadline(deadline);
  return result;
end
$$;

comment on function latchkey.adopt(uuid, uuid, bytea, bytea, text, text, text, text, text, text, bigint, bytea, bytea, text, text, bytea, timestamptz) is
  'Takes over a session that Supabase Auth created. Outcomes: created; repeated with the nonce of the first adoption; managed (the session began at /login with a password, is bound to another key, or the access token was issued after the adoption); oauth_client (the session of an OAuth client); banned; refused with the limit as reason; proof_required; replayed; or the state of a session that is not active. proof_jkt, proof_id, client, country and device_hash as for login. aal and amr are those of the access token, for an Auth server that does not store them. Security definer: reads auth tables and writes refresh_tokens.';

-- schemas/functions/amr.sql

-- How a session was authenticated, built as Supabase Auth builds the claim. It is
-- read from Auth's table at every rotation, so the next token includes a factor that
-- was verified in the meantime, and an older token cannot remove it.

create function latchkey.amr(session_id uuid)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Not every Auth server has the table, for example the local one.
  if not coalesce(
    has_table_privilege(to_regclass('auth.mfa_amr_claims'), 'select'), false
  ) then
    return null;
  end if;
  return (
    select jsonb_agg(
      jsonb_strip_nulls(jsonb_build_object(
        'method', c.authentication_method,
        'timestamp', floor(extract(epoch from c.updated_at))::bigint,
        -- As in Auth: a user of SSO has one identity.
        'provider', case when c.authentication_method = 'sso/saml' then (
          select substr(min(i.provider), 5)
          from auth.sessions s join auth.identities i on i.user_id = s.user_id
          where s.id = c.session_id
          having count(*) = 1 and min(i.provider) like 'sso:%'
        ) end
      ))
      order by c.updated_at desc
    )
    from auth.mfa_amr_claims c
    where c.session_id = amr.session_id
  );
end
$$;

comment on function latchkey.amr(uuid) is
  'The claim amr of a session from Supabase Auth''s table, newest first; null if the table or the rows do not exist. Internal.';

-- schemas/functions/attempt.sql

-- Called before a password is checked. The transaction ends before the call to
-- Supabase Auth, so the two row locks are short. Every call locks the address first
-- and then the account, so two calls cannot deadlock.

create function latchkey.attempt(
  account text,
  address text,
  deadline timestamptz default null
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set statement_timeout = '3s'
as $$
declare
  free constant integer := (select s.attempts_before_delay from latchkey.settings s);
  wait integer := 0;
begin
  perform latchkey.check_deadline(deadline);
  if address is not null then
    -- Many users, for example in an office, may share an address. An account is one
    -- user.
    wait := latchkey.consume_attempt('address', address, 10 * free);
  end if;
  if wait = 0 then
    wait := latchkey.consume_attempt('account', account, free);
    if wait > 0 and address is not null then
      perform latchkey.refund_attempt('address', address);
    end if;
  end if;
  perform latchkey.check_deadline(deadline);
  return wait;
end
$$;

comment on function latchkey.attempt(text, text, timestamptz) is
  'Whether a password may be checked now for this account and client address (null if not known). Returns 0 if it may, and counts the attempt as failed until settle_attempt corrects that; otherwise returns the seconds to wait. Treats accounts that do not exist in the same way. Security definer: reads settings and writes login_attempts.';

-- schemas/functions/attempt_key.sql

-- An IPv6 client can usually choose any address in its /64, so the /64 is counted. An
-- IPv4-mapped IPv6 address counts as the IPv4 address.

create function latchkey.attempt_key(kind text, identifier text)
returns bytea
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  address inet;
begin
  if kind = 'address' then
    address := identifier::inet;
    identifier := case
      when address <<= inet '::ffff:0.0.0.0/96' then replace(host(address), '::ffff:', '')
      when family(address) = 6 then host(network(set_masklen(address, 64)))
      else host(address)
    end;
  end if;
  return sha256(convert_to(kind || ':' || identifier, 'UTF8'));
end
$$;

comment on function latchkey.attempt_key(text, text) is
  'sha256 of an account (an e-mail address or phone number as the functions normalise it) or of a client address (IPv6 by its /64). Internal.';

-- schemas/functions/auth_password_changed.sql

-- Auth first changes the password and then deletes the sessions, in one transaction.
-- A setting that is local to the transaction tells auth_sessions_deleted() the
-- reason.

create function latchkey.auth_password_changed()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.encrypted_password is distinct from old.encrypted_password then
    perform set_config('latchkey.password_changed_by', new.id::text, true);
  end if;
  return null;
exception when others then
  raise warning 'latchkey: a password change was not noted: %', sqlerrm;
  return null;
end
$$;

comment on function latchkey.auth_password_changed() is
  'Trigger on auth.users: records for this transaction which user''s password changes, so that sessions that end because of it get that reason. Security definer: runs as Auth''s role.';

create or replace trigger latchkey_auth_password_changed
  after update on auth.users
  for each row
  execute function latchkey.auth_password_changed();

-- schemas/functions/auth_sessions_deleted.sql

-- Revokes the sessions that Supabase Auth deletes itself. The triggers auth_… run
-- inside Auth's own statements, as Auth's role. An error in them must not make a
-- sign-in, a sign-out or a password change fail. So each body is one block that
-- catches all errors, and none waits long for a lock. None names a column in its
-- definition, because then an upgrade of Auth could not alter that column. (A trigger
-- on another owner's table cannot have a comment, so the functions have one.)

create function latchkey.auth_sessions_deleted()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
declare
  ended record;
begin
  for ended in
    select array_agg(d.id) as session_ids, case
        when u.id is null or u.deleted_at is not null then 'user_deleted'
        when current_setting('latchkey.password_changed_by', true) = d.user_id::text
          then 'password_changed'
        else 'signed_out'
      end::latchkey.revoked_reason as reason
    from deleted d
    left join auth.users u on u.id = d.user_id
    group by 2
  loop
    perform latchkey.revoke_tokens(ended.session_ids, ended.reason, null, null, null);
  end loop;
  return null;
exception when others then
  raise warning 'latchkey: sessions that Auth ended were not revoked: %', sqlerrm;
  return null;
end
$$;

comment on function latchkey.auth_sessions_deleted() is
  'Trigger on auth.sessions: sessions that Supabase Auth deletes (sign-out, password change, deleted user) are revoked, with the reason. Security definer: runs as Auth''s role, which may not write refresh_tokens.';

create or replace trigger latchkey_auth_sessions_deleted
  after delete on auth.sessions
  referencing old table as deleted
  for each statement
  execute function latchkey.auth_sessions_deleted();

-- schemas/functions/auth_user_banned.sql

-- Auth keeps the sessions of a banned user, so they would work again when the ban
-- ends. In Latchkey, a ban ends them.

create function latchkey.auth_user_banned()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
begin
  if new.banned_until is not distinct from old.banned_until
    or (new.banned_until > now()) is not true then
    return null;
  end if;
  perform latchkey.end_sessions(
    latchkey.sessions_of_user(new.id, null, null), 'banned', null, null, null
  );
  return null;
exception when others then
  raise warning 'latchkey: the sessions of a banned user were not ended: %', sqlerrm;
  return null;
end
$$;

comment on function latchkey.auth_user_banned() is
  'Trigger on auth.users: a ban ends every session of the user. Security definer: runs as Auth''s role, which may not write refresh_tokens.';

create or replace trigger latchkey_auth_user_banned
  after update on auth.users
  for each row
  execute function latchkey.auth_user_banned();

-- schemas/functions/caller_session_id.sql

-- A token of another issuer may have any value in this claim. If this function raised
-- an error in a policy, the whole query would fail.

create function latchkey.caller_session_id()
returns uuid
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return latchkey.parse_uuid(auth.jwt() ->> 'session_id');
end
$$;

comment on function latchkey.caller_session_id() is
  'The claim session_id of the request''s access token; null where it is missing or not a UUID. Security definer: a role of the project''s own may have no rights on schema auth.';

-- schemas/functions/check_custom_access_token_hook.sql

-- With a misspelt name, nobody could sign in.

create function latchkey.check_custom_access_token_hook()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from pg_catalog.pg_proc p
    where p.oid = to_regprocedure(new.custom_access_token_hook || '(jsonb)')
      and p.prorettype = 'jsonb'::regtype
      and not p.proretset
  ) then
    raise exception 'custom_access_token_hook: there is no function %(jsonb) that returns jsonb',
      new.custom_access_token_hook
      using errcode = 'invalid_parameter_value',
        hint = 'Create the function first, then set its name with its schema, as in public.custom_access_token_hook.';
  end if;
  return new;
end
$$;

comment on function latchkey.check_custom_access_token_hook() is
  'Trigger: refuses the name of a hook that does not exist.';

create trigger custom_access_token_hook_exists
  before insert or update on latchkey.settings
  for each row
  when (new.custom_access_token_hook is not null)
  execute function latchkey.check_custom_access_token_hook();
comment on trigger custom_access_token_hook_exists on latchkey.settings is
  'Refuses a hook that does not exist when it is set, instead of at the next sign-in.';

-- schemas/functions/check_deadline.sql

-- An answer of 503 promises that nothing was written, but neither the network nor
-- PostgREST stops a call whose caller has given up. So the functions that write check
-- the deadline before they begin, and again at their end, after every wait for a
-- lock. Only the commit follows. The deadline is in this server's time, which the
-- callers know from earlier answers.
--
-- The same functions set a statement_timeout. PostgREST applies a function's own
-- setting to the call, and so ends a call that can no longer meet the deadline.

create function latchkey.check_deadline(deadline timestamptz)
returns timestamptz
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  database_time constant timestamptz := clock_timestamp();
begin
  if database_time >= deadline then
    raise exception 'the deadline has passed: nothing was written'
      using errcode = 'LK503', detail = to_jsonb(database_time) #>> '{}';
  end if;
  return database_time;
end
$$;

comment on function latchkey.check_deadline(timestamptz) is
  'Raises LK503, with this server''s time as detail, if the deadline has passed. Otherwise returns the time. null means no deadline, for calls by hand.';

-- schemas/functions/check_request.sql

-- The live check for the whole Data API, without a change to any policy:
--
--   alter role authenticator set pgrst.db_pre_request = 'latchkey.check_request';
--   notify pgrst, 'reload config';
--
-- It runs before every request, so it only looks up Latchkey's row by primary key.
-- Unlike session_active(), it does not read Supabase Auth's tables for other
-- sessions.

create function latchkey.check_request()
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  caller constant uuid := latchkey.caller_session_id();
  token latchkey.refresh_tokens;
  aal1_timeout interval;
begin
  if caller is not null then
    select t.* into token from latchkey.refresh_tokens t where t.session_id = caller;
    select s.aal1_timeout into aal1_timeout from latchkey.settings s;
    if now() < token.active_until
      and (aal1_timeout is null or not latchkey.aal1_expired(token)) then
      return;
    end if;
  end if;

  if token.session_id is not null then
    perform latchkey.unauthorized(
      'token_revoked', 'invalid_token', 'The session was ended. Sign in again.',
      coalesce(token.revoked_reason::text, 'expired'), ''
    );
  elsif auth.jwt() ->> 'role' not in ('anon', 'service_role')
    and (select s.strict from latchkey.settings s) then
    -- Not token_revoked, because the session has not ended. A client that signs out
    -- and signs in again in the same way would get the same answer.
    perform latchkey.unauthorized(
      'invalid_jwt_claims', 'invalid_token',
      'The claim session_id of the access token names no session that Latchkey manages. Sign in at /login.',
      null, ''
    );
  end if;
end
$$;

comment on function latchkey.check_request() is
  'For PostgREST''s db_pre_request: answers 401 token_revoked, with the reason as details, if Latchkey manages the session and it is not active. With the setting strict, also answers 401 invalid_jwt_claims if Latchkey does not manage the session. Security definer: reads refresh_tokens and settings, which its callers may not.';

-- schemas/functions/claims.sql

-- The claims of the user and the session are read at every refresh, so that a change
-- of role or metadata is in the next token. The times are from the database's clock.

create function latchkey.claims(
  token latchkey.refresh_tokens,
  account auth.users,
  settings latchkey.settings,
  issuer text,
  authentication_method text
)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  claims constant jsonb := jsonb_build_object(
    'iss', issuer,
    'sub', account.id,
    'aud', coalesce(nullif(account.aud, ''), 'authenticated'),
    'iat', floor(extract(epoch from now()))::bigint,
    -- Rounded down: an access token never outlives its session.
    'exp', floor(extract(epoch from least(
      now() + make_interval(secs => settings.access_token_seconds),
      token.expires_at, token.idle_expires_at
    )))::bigint,
    'role', coalesce(nullif(account.role, ''), 'authenticated'),
    'email', coalesce(account.email, ''),
    'phone', coalesce(account.phone, ''),
    'app_metadata', coalesce(account.raw_app_meta_data, '{}'),
    'user_metadata', coalesce(account.raw_user_meta_data, '{}'),
    'is_anonymous', account.is_anonymous,
    'aal', token.aal,
    'amr', token.amr,
    'session_id', token.session_id
  );
begin
  if settings.custom_access_token_hook is null then
    return claims;
  end if;
  return latchkey.run_custom_access_token_hook(
    settings.custom_access_token_hook,
    jsonb_build_object(
      'metadata', jsonb_strip_nulls(jsonb_build_object(
        'uuid', gen_random_uuid(),
        'time', now(),
        'name', 'customize-access-token',
        'ip_address', host(token.ip)
      )),
      'user_id', account.id,
      'claims', claims,
      'authentication_method', authentication_method
    )
  );
end
$$;

comment on function latchkey.claims(latchkey.refresh_tokens, auth.users, latchkey.settings, text, text) is
  'The claims of an access token, as Supabase Auth''s, after the project''s hook. authentication_method: how the user signed in, or token_refresh, for the hook. Internal.';

-- schemas/functions/client_changed.sql

-- A phone or a tablet that requests the desktop site of a page names another platform:
-- macOS for iOS, and Linux for Android. That is no change. Nor is the first client of a
-- session whose client was not known, or a country that the gateway does not know.

create function latchkey.client_changed(
  token latchkey.refresh_tokens,
  settings latchkey.settings,
  client text,
  country text
)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if settings.on_client_change = 'ignore' then
    return false;
  end if;
  if settings.client_change <> 'country'
    and token.client is not null
    and token.client is distinct from client_changed.client
    and latchkey.client_on_desktop(token.client)
      is distinct from latchkey.client_on_desktop(client_changed.client) then
    return true;
  end if;
  return settings.client_change <> 'user_agent'
    and coalesce(token.country <> client_changed.country, false);
end
$$;

comment on function latchkey.client_changed(latchkey.refresh_tokens, latchkey.settings, text, text) is
  'Whether a refresh comes from another client than the session''s last one, as settings.client_change defines it. Internal.';

-- schemas/functions/client_on_desktop.sql

create function latchkey.client_on_desktop(client text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return replace(replace(client, ' on iOS', ' on macOS'), ' on Android', ' on Linux');
end
$$;

comment on function latchkey.client_on_desktop(text) is
  'What the browser of a phone or a tablet calls itself when it requests the desktop site of a page. Internal.';

-- schemas/functions/clock.sql

create function latchkey.clock()
returns timestamptz
language sql
volatile
set search_path = pg_catalog, pg_temp
return clock_timestamp();

comment on function latchkey.clock() is
  'This server''s time. An Edge Function that does not know it yet asks for it, to compute the deadline of its next call.';

-- schemas/functions/consume_attempt.sql

-- An attempt counts as failed from its start, under the row's lock. So the counter
-- also limits guesses that are made at the same time.

create function latchkey.consume_attempt(kind text, identifier text, free_attempts integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  key constant bytea := latchkey.attempt_key(consume_attempt.kind, identifier);
  known latchkey.login_attempts;
  wait integer;
begin
  -- An attempt that must wait costs one read, and no lock or write.
  select ceil(extract(epoch from a.blocked_until - clock_timestamp())) into wait
  from latchkey.login_attempts a
  where a.kind = consume_attempt.kind and a.key_hash = key;
  if wait > 0 then
    return wait;
  end if;

  -- Creates the row or locks it, even if another call deletes it in the meantime.
  insert into latchkey.login_attempts as a (kind, key_hash)
  values (consume_attempt.kind, key)
  on conflict on constraint login_attempts_pkey do update set failures = a.failures
  returning * into known;
  wait := ceil(extract(epoch from known.blocked_until - clock_timestamp()));
  if wait > 0 then
    return wait;
  end if;

  if known.last_failed_at < clock_timestamp() - interval '1 day' then
    known.failures := 0;
  end if;
  known.failures := known.failures + 1;
  update latchkey.login_attempts a
  set failures = known.failures,
      last_failed_at = clock_timestamp(),
      blocked_until = case when known.failures >= free_attempts then
        clock_timestamp() + least(
          s.longest_attempt_delay,
          -- The limit of the exponent keeps the interval within its range.
          interval '1 second' * 2 ^ least(known.failures - free_attempts, 20)
        )
      end
  from latchkey.settings s
  where a.kind = known.kind and a.key_hash = known.key_hash;
  return 0;
end
$$;

comment on function latchkey.consume_attempt(text, text, integer) is
  'Counts an attempt of an account or an address as failed and returns 0; or counts nothing and returns the seconds to wait. Internal, see attempt.';

-- schemas/functions/delete_auth_sessions.sql

-- For sessions that have ended: locks Auth's rows before latchkey.refresh_tokens is
-- touched, as everywhere, and skips those that others have locked.

create function latchkey.delete_auth_sessions(session_ids uuid[])
returns uuid[]
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from auth.sessions a
  where a.id in (
    select s.id from auth.sessions s where s.id = any (session_ids) for update skip locked
  );
  return array(
    select i.id from unnest(session_ids) i (id)
    where not exists (select from auth.sessions a where a.id = i.id)
  );
end
$$;

comment on function latchkey.delete_auth_sessions(uuid[]) is
  'Deletes the rows of ended sessions in auth.sessions, unless they are locked, and returns the ids that have no row there now. Internal: part of the upkeep.';

-- schemas/functions/disavow.sql

-- "It wasn't me": the Edge Function has checked the HMAC and the expiry of the token,
-- which names the session. A token works once: the row says that it was used. It also
-- works after the session has ended, because its user may then still want to end the
-- others.

create function latchkey.disavow(
  session_id uuid,
  scope latchkey.revoke_scope,
  actor_ip text,
  deadline timestamptz default null
)
returns latchkey.disavow_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set statement_timeout = '3s'
as $$
#variable_conflict use_column
declare
  result latchkey.disavow_result;
begin
  perform latchkey.check_deadline(deadline);

  <<decision>>
  declare
    -- The most sessions that one call ends. So many end well within the caller's
    -- deadline.
    most constant integer := 1000;
    token latchkey.refresh_tokens;
    others uuid[] := '{}';
    disavowed latchkey.event_record;
  begin
    if (scope in ('local', 'global')) is not true then
      raise exception 'disavow takes the scope local or global'
        using errcode = 'invalid_parameter_value';
    end if;
    -- Two uses of one token run one after the other.
    perform pg_advisory_xact_lock(
      hashtextextended('latchkey.disavow ' || disavow.session_id, 0)
    );
    select t.* into token
    from latchkey.refresh_tokens t where t.session_id = disavow.session_id;
    if not found then
      result.outcome := 'unknown';
      exit decision;
    elsif token.disavowed_at is not null then
      result.outcome := 'used';
      exit decision;
    end if;

    if scope = 'global' then
      others := latchkey.sessions_of_user(token.user_id, token.session_id, most);
    end if;
    perform latchkey.lock_sessions(others || token.session_id);
    result.outcome := 'done';
    result.revoked :=
      latchkey.end_sessions(array[token.session_id], 'suspicious', 'user', null, actor_ip)
      + latchkey.end_sessions(others, 'user', 'user', null, actor_ip);
    result.more := cardinality(others) = most;
    -- Until every session has ended, the same request can be sent again.
    if not result.more then
      update latchkey.refresh_tokens t set disavowed_at = now()
      where t.session_id = token.session_id;
      -- The next sign-in on the same device is noticed again.
      delete from latchkey.known_devices d
      where d.user_id = token.user_id and d.session_id = token.session_id;
      disavowed := latchkey.event_of(token, 'session_disavowed');
      disavowed.initiating_entity := 'user';
      disavowed.actor_ip := disavow.actor_ip::inet;
      perform latchkey.record_events(array[disavowed]);
    end if;
  end;

  result.database_time := latchkey.check_deadline(deadline);
  return result;
end
$$;

comment on function latchkey.disavow(uuid, latchkey.revoke_scope, text, timestamptz) is
  'Ends a session that its user did not start, with reason suspicious, and with scope global the user''s other sessions too, with reason user. Outcomes: done, used or unknown. At most 1,000 at a time: call again while more is true. Security definer: writes refresh_tokens.';

-- schemas/functions/end_sessions.sql

create function latchkey.end_sessions(
  session_ids uuid[],
  reason latchkey.revoked_reason,
  revoked_by latchkey.initiating_entity default null,
  revoked_by_session_id uuid default null,
  revoked_by_ip text default null
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  managed integer;
  unmanaged integer;
begin
  perform latchkey.lock_sessions(session_ids);
  managed := latchkey.revoke_tokens(
    session_ids, reason, revoked_by, revoked_by_session_id, revoked_by_ip::inet
  );

  -- Delete the other rows: of sessions that have expired, or that only Supabase Auth
  -- knows. The row of a revoked session is left only if publishing its end could not
  -- delete it.
  with ended as (
    delete from auth.sessions s
    where s.id = any (session_ids)
      and not exists (
        select from latchkey.refresh_tokens t
        where t.session_id = s.id and t.revoked_at is not null
      )
    returning s.id
  )
  select count(*) into unmanaged
  from ended
  where not exists (
    select from latchkey.refresh_tokens t where t.session_id = ended.id
  );

  return managed + unmanaged;
end
$$;

comment on function latchkey.end_sessions(uuid[], latchkey.revoked_reason, latchkey.initiating_entity, uuid, text) is
  'Ends the given sessions, whether Latchkey or only Supabase Auth manages them, and returns how many were active. The project''s owner may also call it by SQL. revoked_by: null for the usual initiator of the reason.';

-- schemas/functions/enforce_session_limit.sql

-- The limit also holds for sign-ins at the same time: if a limit is set, the sign-ins
-- of one user run one after the other. It uses an advisory lock, because Auth also
-- locks every row that could be locked instead.

create function latchkey.enforce_session_limit(user_id uuid, settings latchkey.settings)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- When a limit was just set, a user may have many more sessions. The next sign-ins
  -- end the rest.
  most constant integer := 1000;
  surplus uuid[];
begin
  if settings.sessions_per_user is null then
    return true;
  end if;
  perform pg_advisory_xact_lock(
    hashtextextended('latchkey.enforce_session_limit ' || enforce_session_limit.user_id, 0)
  );
  surplus := array(
    select t.session_id from latchkey.refresh_tokens t
    where t.user_id = enforce_session_limit.user_id
      and now() < t.active_until
      and exists (select from auth.sessions s where s.id = t.session_id)
    order by t.created_at desc, t.session_id
    offset settings.sessions_per_user - 1
    limit most
  );
  if surplus <> '{}' and settings.at_session_limit = 'refuse' then
    return false;
  elsif surplus <> '{}' then
    perform latchkey.end_sessions(surplus, 'session_limit', null, null, null);
  end if;
  return true;
end
$$;

comment on function latchkey.enforce_session_limit(uuid, latchkey.settings) is
  'Ends sessions of a user if needed, so that one more can start in this transaction: true if it can, false if the limit refuses the session. Internal.';

-- schemas/functions/event_of.sql

create function latchkey.event_of(token latchkey.refresh_tokens, event latchkey.session_event)
returns latchkey.event_record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  record latchkey.event_record;
begin
  record.created_at := now();
  record.event := event_of.event;
  record.session_id := token.session_id;
  record.user_id := token.user_id;
  record.ip := token.ip;
  record.user_agent := token.user_agent;
  return record;
end
$$;

comment on function latchkey.event_of(latchkey.refresh_tokens, latchkey.session_event) is
  'An event of a session that happens now, for record_events(), without what only some events have: a reason and who caused it. Internal.';

-- schemas/functions/expire_sessions.sql

-- Nothing runs when a session expires, so the upkeep publishes it. It waits a minute,
-- because a refresh that began before the expiry may still commit.
--
-- No index may include idle_expires_at, because rotation changes it. So each call
-- reads the whole table in one sequential scan.

create function latchkey.expire_sessions(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  expired uuid[];
  ends latchkey.event_record[];
begin
  select array_agg(t.session_id) into expired
  from (
    select t.session_id
    from latchkey.refresh_tokens t
    where t.active_until < now() - interval '1 minute' and t.expiry_published_at is null
    limit batch
  ) t;
  if expired is null then
    return 0;
  end if;

  expired := latchkey.delete_auth_sessions(expired);
  with published as (
    update latchkey.refresh_tokens t
    set expiry_published_at = now()
    where t.session_id in (
      select r.session_id
      from latchkey.refresh_tokens r
      where r.session_id = any (expired) and r.expiry_published_at is null
      for update of r skip locked
    )
    returning t as token
  )
  select array_agg(latchkey.session_end(p.token)) into ends from published p;
  if ends is null then
    return 0;
  end if;
  perform latchkey.publish_session_ends(ends);
  return cardinality(ends);
end
$$;

comment on function latchkey.expire_sessions(integer) is
  'Publishes the end of at most one batch of sessions that have expired, and returns how many. Internal: part of the upkeep.';

-- schemas/functions/initiating_entity.sql

create function latchkey.initiating_entity(reason latchkey.ended_reason)
returns latchkey.initiating_entity
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when reason in ('signed_out', 'user', 'password_changed') then 'user'
    when reason in ('reuse', 'session_limit', 'suspicious', 'expired') then 'policy'
    else 'admin'
  end;
end
$$;

comment on function latchkey.initiating_entity(latchkey.ended_reason) is
  'Who ends sessions for this reason, unless an administrator does it. Internal.';

-- schemas/functions/introspect.sql

-- RFC 7662 for refresh tokens: whether refresh() would accept this one now. It only
-- reads: it does not rotate the token or end the session.

create function latchkey.introspect(
  session_id uuid,
  generation integer,
  secret_hash bytea
)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return (
    select jsonb_strip_nulls(jsonb_build_object(
      'sub', t.user_id,
      'session_id', t.session_id,
      'exp', floor(extract(epoch from t.active_until)),
      'iat', floor(extract(epoch from t.rotated_at)),
      'aal', t.aal,
      'role', coalesce(nullif(u.role, ''), 'authenticated'),
      'username', coalesce(nullif(u.email, ''), nullif(u.phone, ''))
    ))
    from latchkey.refresh_tokens t
    join auth.users u on u.id = t.user_id
    cross join latchkey.settings s
    where t.session_id = introspect.session_id
      and t.secret_hash = introspect.secret_hash
      and (
        -- The token is a generation ahead if the database was restored, see
        -- refresh().
        t.generation <= introspect.generation
        or t.generation = introspect.generation + 1
          and now() <= t.rotated_at + make_interval(secs => s.reuse_interval_seconds)
      )
      and (latchkey.session_state(t.session_id, t.user_id)).outcome = 'active'
  );
end
$$;

comment on function latchkey.introspect(uuid, integer, bytea) is
  'The RFC 7662 members for an authentic refresh token, or null if refresh() would not accept it. Security definer: reads auth.users and refresh_tokens.';

-- schemas/functions/invalidate_auth_refresh_tokens.sql

-- Two valid refresh tokens for one session would be two ways to steal it. So this
-- invalidates Supabase Auth's refresh tokens. It deletes nothing: Auth still knows
-- the session, and its user can verify a second factor.

create function latchkey.invalidate_auth_refresh_tokens(session_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A refresh token of Auth's version 2 is a counter, signed with a key of the
  -- session. Auth refuses a counter that is ahead of its own. If Auth's own counter
  -- is below zero, every token is ahead, including the one that Auth issues when a
  -- factor is verified. A session of version 1 gets a key too, so that Auth treats it
  -- as version 2 when a factor is verified: in version 1, Auth would need a token
  -- that is still valid. This update comes first, because it waits for a refresh by
  -- Auth that is in progress.
  begin
    update auth.sessions s
    set refresh_token_hmac_key = coalesce(s.refresh_token_hmac_key, translate(
          rtrim(encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid(), 'UTF8')), 'base64'), '='),
          '+/', '-_'
        )),
        refresh_token_counter = -(2::bigint ^ 62)::bigint
    where s.id = invalidate_auth_refresh_tokens.session_id;
  exception
    when undefined_column then
      null;  -- This Auth has only version 1.
    when others then
      raise warning 'latchkey: Supabase Auth''s refresh token (version 2) still works: %', sqlerrm;
  end;

  -- Set the revocation in the distant past, because Auth still accepts a token that
  -- was revoked within its reuse interval. That includes tokens that Auth has already
  -- replaced.
  begin
    update auth.refresh_tokens t
    set revoked = true, updated_at = 'epoch'
    where t.session_id = invalidate_auth_refresh_tokens.session_id;
  exception when others then
    raise warning 'latchkey: Supabase Auth''s refresh token (version 1) still works: %', sqlerrm;
  end;
end
$$;

comment on function latchkey.invalidate_auth_refresh_tokens(uuid) is
  'Invalidates Supabase Auth''s own refresh tokens of a session, and keeps the session. Warns if it cannot. Internal.';

-- schemas/functions/is_oauth_client.sql

-- If Supabase Auth is the OAuth server of an app that a user has authorised, the app
-- has its own session there. That session is not a device of the user.

create function latchkey.is_oauth_client(session_id uuid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Not every version of Auth has the column.
  return exists (
    select from auth.sessions s
    where s.id = is_oauth_client.session_id
      and to_jsonb(s) ->> 'oauth_client_id' is not null
  );
end
$$;

comment on function latchkey.is_oauth_client(uuid) is
  'Whether Supabase Auth created the session for an OAuth client. The claim client_id is not enough: Auth omits it after such a session has verified a second factor. Internal.';

-- schemas/functions/is_proof_used.sql

create function latchkey.is_proof_used(proof_id bytea, proof_ids bytea)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return position(proof_id in proof_ids) > 0
    or exists (
      select from latchkey.used_proofs p where p.proof_id = is_proof_used.proof_id
    );
end
$$;

comment on function latchkey.is_proof_used(bytea, bytea) is
  'Whether a proof was used before: by one of the rotations that refresh_tokens.proof_ids names, or elsewhere. Internal.';

-- schemas/functions/issue_tokens.sql

create function latchkey.issue_tokens(
  token latchkey.refresh_tokens,
  account auth.users,
  settings latchkey.settings,
  issuer text,
  authentication_method text
)
returns latchkey.issued_tokens
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  claims constant jsonb :=
    latchkey.claims(token, account, settings, issuer, authentication_method);
begin
  return (
    token.generation, latchkey.access_token_seconds(claims), claims,
    latchkey.user_data(account)
  )::latchkey.issued_tokens;
end
$$;

comment on function latchkey.issue_tokens(latchkey.refresh_tokens, auth.users, latchkey.settings, text, text) is
  'The data from which both tokens of a session are issued. Internal.';

-- schemas/functions/lock_auth_session.sql

-- The rows in auth.users and auth.sessions are locked before anything else, in the
-- order in which Auth locks them when it deletes a user. So one waits for the other
-- and they cannot deadlock. The foreign key of refresh_tokens would lock the user
-- too, but later.

create function latchkey.lock_auth_session(session_id uuid)
returns auth.sessions
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  auth_session auth.sessions;
begin
  perform from auth.users u
  where u.id = (select s.user_id from auth.sessions s where s.id = lock_auth_session.session_id)
  for key share;
  select s.* into auth_session
  from auth.sessions s
  where s.id = lock_auth_session.session_id
  for update;
  return auth_session;
end
$$;

comment on function latchkey.lock_auth_session(uuid) is
  'Locks a session of Supabase Auth and its user before Latchkey starts to manage it, and returns the session. Internal.';

-- schemas/functions/lock_sessions.sql

-- Locks rows of auth.sessions, before latchkey.refresh_tokens is touched.
--
-- Supabase Auth deletes sessions in its own order, so no order that Latchkey chooses
-- can prevent a deadlock, and Auth's sign-out must not be the statement that fails.
-- So this function never waits while it holds a lock: it takes all locks or none, and
-- tries again.

create function latchkey.lock_sessions(session_ids uuid[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  patience constant timestamptz := clock_timestamp() + interval '1.5 seconds';
begin
  loop
    begin
      perform from auth.sessions s
      where s.id = any (session_ids)
      order by s.id
      for update nowait;
      return;
    exception when lock_not_available then
      -- Leaving this block has released the locks that it took.
      if clock_timestamp() > patience then
        raise;
      end if;
    end;
    perform pg_sleep(0.01);
  end loop;
end
$$;

comment on function latchkey.lock_sessions(uuid[]) is
  'Locks the rows of these sessions in auth.sessions, all or none, within 1.5 seconds (else lock_not_available: nothing was done, try again). Internal.';

-- schemas/functions/login.sql

-- Puts a session that Supabase Auth has just created under Latchkey. Auth has checked
-- the credentials. The ban is checked here too, because from here on Latchkey keeps
-- the session active.

create function latchkey.login(
  session_id uuid,
  secret_hash bytea,
  aal text,
  amr text,
  user_agent text,
  ip text,
  device_name text,
  issuer text,
  proof_jkt bytea default null,
  proof_id bytea default null,
  client text default null,
  country text default null,
  device_hash bytea default null,
  deadline timestamptz default null
)
returns latchkey.login_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '3s'
set statement_timeout = '3s'
as $$
#variable_conflict use_column
declare
  result latchkey.login_result;
begin
  perform latchkey.check_deadline(deadline);

  <<decision>>
  declare
    auth_session constant auth.sessions := latchkey.lock_auth_session(login.session_id);
    account auth.users;
    settings latchkey.settings;
    token latchkey.refresh_tokens;
  begin
    select u.* into account
    from auth.users u
    where u.id = auth_session.user_id and u.deleted_at is null;
    if not found then
      result.outcome := 'unknown';
      exit decision;
    end if;
    select s.* into strict settings from latchkey.settings s;
    if account.banned_until > now() then
      result.outcome := 'banned';
    elsif settings.require_proof and proof_jkt is null then
      result.outcome := 'proof_required';
    elsif not latchkey.use_proof(proof_id) then
      result.outcome := 'replayed';
    else
      token := latchkey.start_session(
        auth_session, settings, secret_hash, null, aal, amr::jsonb, user_agent, ip,
        device_name, proof_jkt, client, country, device_hash
      );
      if token.session_id is null then
        result.outcome := 'refused';
        result.reason := 'session_limit';
      end if;
    end if;
    if result.outcome is not null then
      delete from auth.sessions s where s.id = login.session_id;
      exit decision;
    end if;

    select 'created', null, i.* into result
    from latchkey.issue_tokens(token, account, settings, issuer, 'password') i;
  end;

  result.database_time := latchkey.check_deadline(deadline);
  return result;
end
$$;

comment on function latchkey.login(uuid, bytea, text, text, text, text, text, text, bytea, bytea, text, text, bytea, timestamptz) is
  'Starts a session: outcome created, banned, proof_required, replayed, unknown, or refused with the limit as reason. proof_jkt is the thumbprint of the key to which the session is bound, proof_id as in used_proofs; both null if the client proved no key. client is the program and the platform in user_agent, country the country of ip, device_hash as in known_devices; each null if not known. amr is JSON text, ip the text of an address, issuer the claim iss. Security definer: reads auth tables and writes refresh_tokens.';

-- schemas/functions/parse_uuid.sql

-- The error of a failed cast quotes the text, and the text may be a token.
--
-- These conditions cost a quarter of one pattern for the whole form, and
-- check_request() parses a claim before each request.

create function latchkey.parse_uuid(text text)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when text like '________-____-____-____-____________'
      and length(replace(text, '-', '')) = 32
      and text ~ '^[0-9a-fA-F-]+$'
    then text::uuid
  end;
end
$$;

comment on function latchkey.parse_uuid(text) is
  'The text as a UUID; null if it is not a UUID.';

-- schemas/functions/prepare_partitions.sql

-- The audit trail's partitions: this month's and the next three are created ahead, and
-- those older than settings.events_kept are dropped.
--
-- Both lock the table against writers for a moment. The function waits only briefly
-- for that lock, because writers queue behind it. If it cannot get the lock, it
-- raises an error and changes nothing, and events go to the default partition until
-- the next call.

create function latchkey.prepare_partitions()
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
set timezone = 'UTC'
as $$
declare
  this_month constant timestamptz := date_trunc('month', now());
  month timestamptz;
  name text;
  changed integer := 0;
begin
  for month in
    select generate_series(this_month, this_month + interval '3 months', interval '1 month')
  loop
    name := 'session_events_' || to_char(month, 'YYYY_MM');
    continue when to_regclass('latchkey.' || name) is not null;
    -- No event of that month may be written between the move and the attachment.
    lock table latchkey.session_events_default in access exclusive mode;
    execute format(
      'create table latchkey.%I
        (like latchkey.session_events including defaults including constraints)', name
    );
    execute format('alter table latchkey.%I enable row level security', name);
    -- A project's default privileges may have given the API roles access to it.
    execute format(
      'revoke all on latchkey.%I
        from public, anon, authenticated, service_role, latchkey_functions', name
    );
    execute format(
      'comment on table latchkey.%I is %L', name, 'Events of ' || to_char(month, 'FMMonth YYYY') || '.'
    );
    execute format(
      'with moved as (
        delete from latchkey.session_events_default
        where created_at >= %2$L and created_at < %3$L
        returning *
      )
      insert into latchkey.%1$I select * from moved',
      name, month, month + interval '1 month'
    );
    execute format(
      'alter table latchkey.session_events
        attach partition latchkey.%I for values from (%L) to (%L)',
      name, month, month + interval '1 month'
    );
    changed := changed + 1;
  end loop;

  for name in
    select c.relname
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    cross join latchkey.settings s
    where i.inhparent = 'latchkey.session_events'::regclass
      and c.relname ~ '^session_events_[0-9]{4}_[0-9]{2}$'
      and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= now() - s.events_kept
    order by c.relname
  loop
    execute format('drop table latchkey.%I', name);
    changed := changed + 1;
  end loop;
  return changed;
end
$$;

comment on function latchkey.prepare_partitions() is
  'Creates the audit trail''s partitions of this month and the next three, drops those older than settings.events_kept, and returns how many it created and dropped. Raises lock_not_available if the table is busy: try again. Internal: part of the upkeep.';

-- schemas/functions/prune.sql

create function latchkey.prune(batch integer default 5000)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'attempts', latchkey.prune_attempts(batch),
    'devices', latchkey.prune_devices(batch),
    'events', latchkey.prune_events(batch),
    'notices', latchkey.prune_notices(batch),
    'proofs', latchkey.prune_proofs(batch),
    'sessions', latchkey.prune_sessions(batch)
  );
end
$$;

comment on function latchkey.prune(integer) is
  'Deletes at most one batch of each kind of row whose retention period has ended, and returns the number of each. Internal: part of the upkeep.';

-- schemas/functions/prune_attempts.sql

-- Deletes rows that no longer count. Guesses at accounts that do not exist also
-- create rows, so the table grows during an attack and shrinks a day later.

create function latchkey.prune_attempts(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pruned integer;
begin
  delete from latchkey.login_attempts a
  using (
    select o.kind, o.key_hash from latchkey.login_attempts o
    where o.last_failed_at < now() - interval '1 day'
      and (o.blocked_until is null or o.blocked_until <= now())
    order by o.last_failed_at
    limit batch
    for update skip locked
  ) old
  where a.kind = old.kind and a.key_hash = old.key_hash;
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_attempts(integer) is
  'Deletes at most batch rows of login_attempts that had no attempt for a day, and returns how many. Skips locked rows. Internal: part of the upkeep.';

-- schemas/functions/prune_devices.sql

create function latchkey.prune_devices(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pruned integer;
begin
  delete from latchkey.known_devices d
  using (
    select o.user_id, o.device_hash
    from latchkey.known_devices o
    where o.last_seen_at < now() - (select s.devices_kept from latchkey.settings s)
    order by o.last_seen_at
    limit batch
    for update skip locked
  ) old
  where d.user_id = old.user_id and d.device_hash = old.device_hash;
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_devices(integer) is
  'Deletes at most one batch of the devices on which nobody signed in for settings.devices_kept, and returns how many. Skips locked rows. Internal: part of the upkeep.';

-- schemas/functions/prune_events.sql

-- prepare_partitions drops old months as a whole. Old rows in the default partition
-- are from months that had no partition, or from a time when the clock was wrong.

create function latchkey.prune_events(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pruned integer;
begin
  delete from latchkey.session_events_default e
  where (e.id, e.created_at) in (
    select d.id, d.created_at
    from latchkey.session_events_default d
    cross join latchkey.settings s
    where d.created_at < now() - s.events_kept
    limit batch
    for update of d skip locked
  );
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_events(integer) is
  'Removes at most one batch of events older than settings.events_kept from the default partition, and returns how many. Internal: part of the upkeep.';

-- schemas/functions/prune_notices.sql

-- Settled notices are kept as long as the sessions that they are about.

create function latchkey.prune_notices(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pruned integer;
begin
  delete from latchkey.outbox o
  where o.id in (
    select n.id
    from latchkey.outbox n
    cross join latchkey.settings s
    where n.settled_at < now() - s.ended_sessions_kept
    limit batch
    for update of n skip locked
  );
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_notices(integer) is
  'Removes at most one batch of notices that were settled longer ago than settings.ended_sessions_kept, and returns how many. Internal: part of the upkeep.';

-- schemas/functions/prune_proofs.sql

create function latchkey.prune_proofs(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pruned integer;
begin
  delete from latchkey.used_proofs p
  using (
    select o.proof_id from latchkey.used_proofs o
    where o.expires_at <= now()
    order by o.expires_at
    limit batch
    for update skip locked
  ) old
  where p.proof_id = old.proof_id;
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_proofs(integer) is
  'Deletes at most one batch of used_proofs that are too old to be accepted again, and returns how many. Skips locked rows. Internal: part of the upkeep.';

-- schemas/functions/prune_sessions.sql

-- Removes the rows of sessions that ended longer ago than the retention period. Only
-- another call of this function, the deletion of the user, and the deletion of the
-- session by Supabase Auth lock such a row. Locked rows are skipped, so this does not
-- wait.
--
-- No index may include idle_expires_at, because rotation changes it. So each call
-- reads the whole table in one sequential scan.

create function latchkey.prune_sessions(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  ended uuid[];
  pruned integer;
begin
  select array_agg(t.session_id) into ended
  from (
    select t.session_id
    from latchkey.refresh_tokens t
    cross join latchkey.settings s
    where least(t.revoked_at, t.expires_at, t.idle_expires_at) < now() - s.ended_sessions_kept
    limit batch
  ) t;
  if ended is null then
    return 0;
  end if;

  -- No row of Auth's may remain after the row here is deleted: it would look like a
  -- session that Latchkey never managed, and would be active again.
  ended := latchkey.delete_auth_sessions(ended);
  delete from latchkey.refresh_tokens t
  where t.session_id in (
    select r.session_id
    from latchkey.refresh_tokens r
    where r.session_id = any (ended)
    for update of r skip locked
  );
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_sessions(integer) is
  'Deletes at most one batch of the sessions that were revoked or expired longer ago than settings.ended_sessions_kept, with their rows in auth.sessions if those still exist, and returns how many. Never deletes an active session. Internal: part of the upkeep.';

-- schemas/functions/publish_session_ends.sql

-- Everything that happens when sessions end, once for all sessions that end together:
-- it deletes Supabase Auth's rows, so that Auth's own endpoints refuse the tokens
-- too, records the ends, and informs the connected clients.
--
-- It also runs inside Auth's own transactions, and ending the session matters more
-- than reporting it. So each step may fail alone, with a warning in the database's
-- log. That takes one subtransaction for each step, not for each session.

create function latchkey.publish_session_ends(ends latchkey.event_record[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  begin
    delete from auth.sessions s
    where s.id = any (array(select e.session_id from unnest(ends) e));
  exception when others then
    raise warning 'latchkey: the auth.sessions rows of ended sessions remain: %', sqlerrm;
  end;

  perform latchkey.record_events(ends);

  -- An expired session ended earlier without an action, so nothing is broadcast.
  begin
    perform realtime.send(message.payload, 'session-revoked', channel.topic, true)
    from (
      select e.session_id, e.user_id, jsonb_build_object(
          'session_id', e.session_id,
          'user_id', e.user_id,
          'reason', e.reason,
          'initiating_entity', e.initiating_entity,
          'event_timestamp', round(extract(epoch from clock_timestamp()), 3)
        ) as payload
      from unnest(ends) e
      where e.event <> 'session_expired'
    ) message
    cross join lateral (values
      ('session:' || message.session_id), ('user:' || message.user_id)
    ) channel (topic);
  exception when others then
    raise warning 'latchkey: the end of sessions was not broadcast: %', sqlerrm;
  end;
end
$$;

comment on function latchkey.publish_session_ends(latchkey.event_record[]) is
  'Publishes the end of sessions: deletes Supabase Auth''s rows, records the events, and informs the connected clients. Internal.';

-- schemas/functions/recognize_device.sql

-- A sign-in without a device id counts as on a new device if the user has known ones:
-- otherwise a thief who leaves the id out would not be noticed.

create function latchkey.recognize_device(user_id uuid, device_hash bytea, session_id uuid)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  -- Limits what a user who signs in with a new id each time can store.
  most constant integer := 100;
  has_devices constant boolean := exists (
    select from latchkey.known_devices d where d.user_id = recognize_device.user_id
  );
  is_new boolean;
begin
  if device_hash is null then
    return not has_devices;
  end if;

  insert into latchkey.known_devices as d (user_id, device_hash, session_id)
  values (recognize_device.user_id, recognize_device.device_hash, recognize_device.session_id)
  on conflict on constraint known_devices_pkey do update set last_seen_at = now()
  returning d.session_id = recognize_device.session_id into is_new;
  if is_new and has_devices then
    delete from latchkey.known_devices d
    where d.user_id = recognize_device.user_id
      and d.device_hash in (
        select o.device_hash from latchkey.known_devices o
        where o.user_id = recognize_device.user_id
        order by o.last_seen_at desc, o.device_hash
        offset most
      );
  end if;
  return not (is_new and has_devices);
end
$$;

comment on function latchkey.recognize_device(uuid, bytea, uuid) is
  'Remembers the device on which a session starts. Returns false if the user signed in on other devices before, but not on this one. device_hash: null if the client sent no device id. Internal.';

-- schemas/functions/record_client_change.sql

-- Applies settings.on_client_change. If several refreshes of a changed client arrive at
-- the same time, one of them records the change. The others wait for its row lock, and
-- find that the row already has this client.
--
-- step_up lowers the level in Supabase Auth's own row. So the next access token has
-- aal1, Auth raises the level when the user verifies a factor, and until then Auth lets
-- nobody enrol another factor.
--
-- A client may call itself something else at each refresh. So there are only so many
-- events in an hour, which tell as much as a thousand.

create function latchkey.record_client_change(
  session_id uuid,
  settings latchkey.settings,
  ip text,
  user_agent text,
  client text,
  country text
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  -- The most events of one session in an hour.
  most constant integer := 10;
  before latchkey.refresh_tokens;
  changed latchkey.event_record;
begin
  if settings.on_client_change in ('step_up', 'end') then
    -- Supabase Auth's row first, as everywhere.
    perform latchkey.lock_sessions(array[record_client_change.session_id]);
  end if;
  select t.* into before
  from latchkey.refresh_tokens t
  where t.session_id = record_client_change.session_id and now() < t.active_until
  for update;
  if not found or not latchkey.client_changed(
    before, settings, record_client_change.client, record_client_change.country
  ) then
    return false;
  end if;

  update latchkey.refresh_tokens t
  set last_ip = record_client_change.ip::inet,
      last_user_agent = nullif(left(record_client_change.user_agent, 512), t.user_agent),
      client = record_client_change.client,
      country = coalesce(record_client_change.country, t.country),
      aal = case settings.on_client_change when 'step_up' then 'aal1' else t.aal end
  where t.session_id = before.session_id;
  changed := latchkey.event_of(before, 'session_client_changed');
  changed.ip := record_client_change.ip::inet;
  changed.user_agent := left(record_client_change.user_agent, 512);
  changed.client := record_client_change.client;
  changed.country := record_client_change.country;
  changed.previous_client := before.client;
  changed.previous_country := before.country;
  if not exists (
    select from latchkey.session_events e
    where e.user_id = before.user_id
      and e.session_id = before.session_id
      and e.event = 'session_client_changed'
      and e.created_at > now() - interval '1 hour'
    offset most - 1
  ) then
    perform latchkey.record_events(array[changed]);
  end if;

  case settings.on_client_change
    when 'step_up' then
      update auth.sessions s set aal = 'aal1'
      where s.id = before.session_id and s.aal::text <> 'aal1';
    when 'end' then
      perform latchkey.end_sessions(
        array[before.session_id], 'suspicious', null, before.session_id,
        record_client_change.ip
      );
    else
      null;
  end case;
  return true;
end
$$;

comment on function latchkey.record_client_change(uuid, latchkey.settings, text, text, text, text) is
  'Records that a session is used from another client, with at most ten events an hour, and does what settings.on_client_change says. Returns false, and does nothing, if another call has recorded it or the session is not active. Internal.';

-- schemas/functions/record_events.sql

-- The one place where events are published: it writes them to the audit trail, and
-- queues for each receiver those that it gets. The caller's own work matters more, so
-- each of the two may fail alone, with a warning in the database's log.

create function latchkey.record_events(events latchkey.event_record[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  begin
    insert into latchkey.session_events
      (created_at, event, session_id, user_id, reason, initiating_entity, ip,
       user_agent, client, country, previous_client, previous_country, actor_session_id,
       actor_ip)
    select e.created_at, e.event, e.session_id, e.user_id, e.reason, e.initiating_entity,
      e.ip, e.user_agent, e.client, e.country, e.previous_client, e.previous_country,
      e.actor_session_id, e.actor_ip
    from unnest(record_events.events) e;
  exception when others then
    raise warning 'latchkey: events of sessions were not written: %', sqlerrm;
  end;

  begin
    -- Most projects have no receivers, and planning the query costs every sign-in.
    if exists (select from latchkey.receivers r where r.enabled) then
      insert into latchkey.outbox (receiver_id, payload)
      select r.id, jsonb_build_object(
          'type', type,
          'timestamp', to_char(e.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
          'data', jsonb_strip_nulls(to_jsonb(e) - '{created_at,event}'::text[])
        )
      from latchkey.receivers r
      cross join unnest(record_events.events) e
      -- A reuse is an alarm, and it is also the end of the session.
      cross join lateral unnest(case e.event
        when 'session_created' then '{session.created}'
        when 'session_expired' then '{session.expired}'
        when 'authn_token_revoked' then '{session.revoked}'
        when 'session_client_changed' then '{session.client_changed}'
        when 'authn_token_reuse' then '{session.revoked,session.reuse_detected}'
      end::text[]) type
      where r.enabled and type = any (r.events);
    end if;
  exception when others then
    raise warning 'latchkey: receivers are not told of events of sessions: %', sqlerrm;
  end;
end
$$;

comment on function latchkey.record_events(latchkey.event_record[]) is
  'Writes events to the audit trail and queues them for the receivers. Internal.';

-- schemas/functions/record_refused_proof.sql

-- Somebody has a copy of the token, or a client lost its key and keeps trying. One
-- event a minute tells as much as a thousand.

create function latchkey.record_refused_proof(token latchkey.refresh_tokens, actor_ip text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  refused latchkey.event_record;
begin
  -- Of several calls at the same time, the one that gets the lock writes the event.
  if not pg_try_advisory_xact_lock(
    hashtextextended('latchkey refused proof ' || token.session_id, 0)
  ) or exists (
    select from latchkey.session_events e
    where e.user_id = token.user_id
      and e.session_id = token.session_id
      and e.event = 'authn_proof_refused'
      and e.created_at > now() - interval '1 minute'
  ) then
    return;
  end if;
  refused := latchkey.event_of(token, 'authn_proof_refused');
  refused.actor_ip := record_refused_proof.actor_ip;
  perform latchkey.record_events(array[refused]);
end
$$;

comment on function latchkey.record_refused_proof(latchkey.refresh_tokens, text) is
  'Writes the event that the token of a bound session was sent without a proof by its key, at most once a minute for each session. Internal.';

-- schemas/functions/refresh.sql

-- Rotation. In the usual case it is one statement, which finds the row, increases the
-- generation, sets the idle expiry and reads the claims, while the row is locked. If
-- several calls arrive at the same time, one rotates. The others wait for its row
-- lock, then match no row, and find that their token is one generation behind, within
-- the reuse interval.
--
-- The Edge Function has checked the token's HMAC before the call, so the token is
-- authentic. A token with a lower generation than the row was replaced. A higher
-- generation means that the database lost commits, because it was restored from a
-- backup. The caller then has the newest token, so it rotates.
--
-- A bound session (jkt) is refreshed only with an unused proof of its key. A token that
-- is one generation behind then counts as a lost answer, however old it is. An older one
-- is theft, but not within the reuse interval after the last rotation: the app's server
-- has one key for all requests of a browser, and one of them may overtake another twice.
--
-- A refresh from another client (client_changed) is not rotated in that statement.
-- record_client_change comes first, and locks what it needs in the usual order. A
-- client without a proof of the session's key or with an old token changes nothing.
--
-- It does not wait long for the row: if a call committed seconds after its caller
-- gave up, little of the reuse interval would be left for the retry. For the same
-- reason rotated_at is the clock's time and not the transaction's.

create function latchkey.refresh(
  session_id uuid,
  generation integer,
  secret_hash bytea,
  issuer text,
  actor_ip text,
  proof_jkt bytea default null,
  proof_id bytea default null,
  proof_nonce_generation integer default null,
  user_agent text default null,
  client text default null,
  country text default null,
  deadline timestamptz default null
)
returns latchkey.refresh_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1500ms'
set statement_timeout = '3s'
as $$
#variable_conflict use_column
declare
  result latchkey.refresh_result;
  client_changed boolean := false;
begin
  perform latchkey.check_deadline(deadline);

  <<decision>>
  declare
    state latchkey.session_state_result;
    token latchkey.refresh_tokens;
    account auth.users;
    settings latchkey.settings;
    is_recent boolean;
    is_repeat boolean;
  begin
    for try in 1..3 loop
      update latchkey.refresh_tokens t
      set generation = refresh.generation + 1,
          rotated_at = clock_timestamp(),
          idle_expires_at = now() + s.idle_timeout,
          aal = coalesce(a.aal::text, t.aal),
          amr = coalesce(latchkey.amr(t.session_id), t.amr),
          proof_ids = case when t.jkt is null then t.proof_ids else
            refresh.proof_id || case
              -- Until then the proof of the rotation before could be sent again.
              when now() < t.rotated_at + interval '5 minutes'
                then substring(t.proof_ids from 1 for 240)
              else ''
            end
          end,
          last_ip = refresh.actor_ip::inet,
          last_user_agent = nullif(left(refresh.user_agent, 512), t.user_agent),
          client = refresh.client,
          country = coalesce(refresh.country, t.country)
      from auth.sessions a, auth.users u, latchkey.settings s
      where t.session_id = refresh.session_id
        and t.secret_hash = refresh.secret_hash
        and t.generation <= refresh.generation
        and now() < t.active_until
        and (
          t.jkt is null
          or t.jkt = refresh.proof_jkt
            and not latchkey.is_proof_used(refresh.proof_id, t.proof_ids)
        )
        and a.id = t.session_id
        and u.id = t.user_id
        and u.deleted_at is null
        and (u.banned_until > now()) is not true
        and (s.aal1_timeout is null or not latchkey.aal1_expired(t))
        and not latchkey.client_changed(t, s, refresh.client, refresh.country)
      returning 'rotated', null, t.generation, null,
        latchkey.claims(t, u, s, refresh.issuer, 'token_refresh'),
        latchkey.user_data(u)
      into result;
      if found then
        result.access_token_seconds := latchkey.access_token_seconds(result.claims);
        exit decision;
      end if;

      -- Not the current token of an active session. Read again in a new snapshot,
      -- which shows what others committed in the meantime, to find out why.
      select t.* into token
      from latchkey.refresh_tokens t
      where t.session_id = refresh.session_id and t.secret_hash = refresh.secret_hash;
      if not found then
        result.outcome := 'unknown';
        exit decision;
      end if;

      state := latchkey.session_state(token.session_id, token.user_id);
      if state.outcome = 'revoked' and token.revoked_at is null then
        -- A trigger on Auth's tables missed what ended the session, because an error
        -- in a trigger is only a warning.
        perform latchkey.end_sessions(
          array[token.session_id], state.reason::text::latchkey.revoked_reason, null, null, null
        );
      end if;
      if state.outcome <> 'active' then
        result.outcome := state.outcome::text;
        result.reason := state.reason;
        exit decision;
      end if;
      if token.jkt is not null then
        if proof_id is null or token.jkt is distinct from proof_jkt then
          perform latchkey.record_refused_proof(token, actor_ip);
          result.outcome := 'proof_required';
          exit decision;
        end if;
        if latchkey.is_proof_used(proof_id, token.proof_ids) then
          result.outcome := 'replayed';
          exit decision;
        end if;
      end if;

      select s.* into strict settings from latchkey.settings s;
      is_recent := now()
        <= token.rotated_at + make_interval(secs => settings.reuse_interval_seconds);
      is_repeat := token.generation = refresh.generation + 1
        -- The holder of the key never got the answer: no copy could have used it.
        and (token.jkt is not null or is_recent);
      exit when token.generation > refresh.generation and not is_repeat;
      if latchkey.client_changed(token, settings, refresh.client, refresh.country) then
        client_changed := latchkey.record_client_change(
          token.session_id, settings, actor_ip, refresh.user_agent, refresh.client,
          refresh.country
        ) or client_changed;
        continue;
      end if;
      exit when is_repeat;
      -- The reason why the update did not match has disappeared between the two
      -- reads. Try once more.
    end loop;

    if token.generation <= refresh.generation then
      raise exception 'the session changed during each refresh attempt'
        using errcode = 'lock_not_available', hint = 'Nothing was written: try again.';
    end if;

    if is_repeat then
      if token.jkt is not null and not latchkey.use_proof(proof_id) then
        result.outcome := 'replayed';
        exit decision;
      end if;
      select u.* into account from auth.users u where u.id = token.user_id;
      -- The row has the level of the rotation. A factor may have been removed since.
      token.aal := coalesce(
        (select a.aal::text from auth.sessions a where a.id = token.session_id), token.aal
      );
      token.amr := coalesce(latchkey.amr(token.session_id), token.amr);
      select 'repeated', null, i.* into result
      from latchkey.issue_tokens(token, account, settings, issuer, 'token_refresh') i;
      exit decision;
    end if;

    -- A request that was captured or delayed must not end the session. So the nonce names
    -- the generation: such a proof is younger than the last rotation.
    if token.jkt is not null
      and (is_recent or proof_nonce_generation is distinct from token.generation) then
      result.outcome := 'nonce_required';
      result.generation := token.generation;
      exit decision;
    end if;

    perform latchkey.end_sessions(
      array[token.session_id], 'reuse', null, token.session_id, actor_ip
    );
    result.outcome := 'reused';
  end;

  result.client_changed := client_changed;
  result.database_time := latchkey.check_deadline(deadline);
  return result;
end
$$;

comment on function latchkey.refresh(uuid, integer, bytea, text, text, bytea, bytea, integer, text, text, text, timestamptz) is
  'Rotates a refresh token. Outcomes: rotated or repeated, with the generation of the new token; reused (the session was just revoked); proof_required, replayed, or nonce_required with the generation that the nonce must name (with such a nonce: try again later); revoked, expired or unknown. issuer is the claim iss. proof_jkt and proof_id as for login; proof_nonce_generation is the generation in the proof''s nonce, null if there is none. client is the program and the platform in user_agent, as it is compared with the last one; country is the country of actor_ip. Security definer: reads auth tables and writes refresh_tokens.';

-- schemas/functions/refund_attempt.sql

-- This also removes the delay, because the refunded attempt caused it.

create function latchkey.refund_attempt(kind text, identifier text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update latchkey.login_attempts a
  set failures = greatest(a.failures - 1, 0), blocked_until = null
  where a.kind = refund_attempt.kind
    and a.key_hash = latchkey.attempt_key(refund_attempt.kind, identifier);
end
$$;

comment on function latchkey.refund_attempt(text, text) is
  'Undoes one consume_attempt of an account or an address. Internal, see attempt and settle_attempt.';

-- schemas/functions/revoke.sql

-- Ends sessions for a user. The calling session must be active: an ended session may
-- not end others.

create function latchkey.revoke(
  caller_session_id uuid,
  user_id uuid,
  authenticated_at bigint,
  scope latchkey.revoke_scope,
  session_id uuid,
  actor_ip text,
  deadline timestamptz default null
)
returns latchkey.revoke_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set statement_timeout = '3s'
as $$
#variable_conflict use_column
declare
  result latchkey.revoke_result;
begin
  perform latchkey.check_deadline(deadline);

  <<decision>>
  declare
    -- The most sessions that one call ends. So many end well within the caller's
    -- deadline.
    most constant integer := 1000;
    only_itself constant boolean :=
      coalesce(revoke.session_id = caller_session_id, scope = 'local', false);
    max_age constant interval := (select s.revoke_max_age from latchkey.settings s);
    targets uuid[];
    state latchkey.session_state_result;
  begin
    if scope is null and revoke.session_id is null then
      raise exception 'revoke needs a scope or a session_id'
        using errcode = 'invalid_parameter_value';
    end if;
    -- Checked before any lookup, so that the id of another user's session, an unknown
    -- id and the id of the caller's own session get the same answer.
    if not only_itself
      and extract(epoch from now()) - coalesce(authenticated_at, 0) > extract(epoch from max_age) then
      result.outcome := 'reauthentication_required';
      result.max_age_seconds := extract(epoch from max_age);
      exit decision;
    end if;

    targets := case
      when revoke.session_id is not null then array[revoke.session_id]
      when only_itself then array[caller_session_id]
      else latchkey.sessions_of_user(user_id, caller_session_id, most)
    end;
    -- If two devices end each other at the same time, the second one finds that its
    -- own session has ended.
    perform latchkey.lock_sessions(targets || caller_session_id);
    state := latchkey.session_state(caller_session_id, user_id);
    if state.outcome <> 'active' then
      result.outcome := state.outcome::text;
      result.reason := state.reason;
      exit decision;
    end if;
    if not only_itself and latchkey.is_oauth_client(caller_session_id) then
      result.outcome := 'oauth_client';
      exit decision;
    end if;
    -- Another user's session and one that does not exist get the same answer.
    if revoke.session_id is not null
      and not exists (
        select from auth.sessions s
        where s.id = revoke.session_id and s.user_id = revoke.user_id
      )
      and not exists (
        select from latchkey.refresh_tokens t
        where t.session_id = revoke.session_id and t.user_id = revoke.user_id
      ) then
      result.outcome := 'forbidden';
      exit decision;
    end if;

    result.outcome := 'done';
    result.revoked := latchkey.end_sessions(
      targets, case when only_itself then 'signed_out' else 'user' end::latchkey.revoked_reason,
      'user', caller_session_id, actor_ip
    );
    result.more := cardinality(targets) = most;
    -- The calling session ends last, because it has to be active while others are
    -- left.
    if scope = 'global' and revoke.session_id is null and not result.more then
      result.revoked := result.revoked + latchkey.end_sessions(
        array[caller_session_id], 'signed_out', 'user', caller_session_id, actor_ip
      );
    end if;
  end;

  result.database_time := latchkey.check_deadline(deadline);
  return result;
end
$$;

comment on function latchkey.revoke(uuid, uuid, bigint, latchkey.revoke_scope, uuid, text, timestamptz) is
  'Ends sessions of the calling user: one by its id, or by scope local, others or global, as in Supabase Auth''s sign-out. authenticated_at: the newest timestamp of the access token''s claim amr. At most 1,000 at a time: call again while more is true. Security definer: reads auth.sessions and writes refresh_tokens.';

-- schemas/functions/revoke_by_admin.sql

create function latchkey.revoke_by_admin(
  user_id uuid,
  session_id uuid,
  reason latchkey.revoked_reason,
  actor_ip text,
  deadline timestamptz default null
)
returns latchkey.revoke_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set statement_timeout = '3s'
as $$
declare
  most constant integer := 1000;
  targets constant uuid[] := case
    when session_id is not null then array[session_id]
    else latchkey.sessions_of_user(user_id, null, most)
  end;
  result latchkey.revoke_result;
begin
  perform latchkey.check_deadline(deadline);
  result.outcome := 'done';
  result.revoked := latchkey.end_sessions(targets, reason, 'admin', null, actor_ip);
  result.more := cardinality(targets) = most;
  result.database_time := latchkey.check_deadline(deadline);
  return result;
end
$$;

comment on function latchkey.revoke_by_admin(uuid, uuid, latchkey.revoked_reason, text, timestamptz) is
  'Ends one session, or every session of a user, with a reason, for an administrator: the outcome is always done. At most 1,000 at a time: call again while more is true. Security definer: reads auth.sessions and writes refresh_tokens.';

-- schemas/functions/revoke_session.sql

-- revoke() by session id, for supabase-js: rpc('revoke_session', { session_id }).
--
-- The parameter is text and is parsed here, because the Data API and PostgreSQL's log
-- would quote a value that is not a UUID, and that value may be a token. The Data API
-- has verified the access token, so its claim amr can be trusted here. If a recent
-- sign-in is missing, the function raises an error: a boolean cannot express that
-- answer, and nothing was written.

create function latchkey.revoke_session(session_id text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant uuid := latchkey.parse_uuid(revoke_session.session_id);
  result latchkey.revoke_result;
begin
  if target is null then
    return false;
  end if;
  result := latchkey.revoke(
    latchkey.caller_session_id(),
    latchkey.parse_uuid(auth.jwt() ->> 'sub'),
    (
      -- A claim may have any number as its value.
      select least(floor(coalesce(max(t::numeric), 0)), extract(epoch from now()))
      from jsonb_path_query(auth.jwt(), 'lax $.amr[*].timestamp ? (@.type() == "number")') t
    )::bigint,
    null, target, null
  );
  if result.outcome = 'reauthentication_required' then
    perform latchkey.unauthorized(
      'reauthentication_required', 'insufficient_user_authentication',
      'The last sign-in was too long ago. Sign in again, then retry.',
      null, format(', max_age="%s"', result.max_age_seconds)
    );
  end if;
  return coalesce(result.revoked > 0, false);
end
$$;

comment on function latchkey.revoke_session(text) is
  'Ends a session of the caller: true if it did, false if there was nothing to end (not a UUID, unknown, another user''s, not active, or the caller''s own session is not active). Answers 401 reauthentication_required where the setting revoke_max_age requires a more recent sign-in. Security definer: calls revoke, which the API roles may not.';

-- schemas/functions/revoke_token.sql

-- RFC 7009: the holder of a refresh token of the session, of any generation, may end
-- it.

create function latchkey.revoke_token(
  session_id uuid,
  secret_hash bytea,
  actor_ip text,
  deadline timestamptz default null
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set statement_timeout = '3s'
as $$
#variable_conflict use_column
declare
  ended integer := 0;
begin
  perform latchkey.check_deadline(deadline);
  if exists (
    select from latchkey.refresh_tokens t
    where t.session_id = revoke_token.session_id
      and t.secret_hash = revoke_token.secret_hash
      and t.revoked_at is null
  ) then
    ended := latchkey.end_sessions(
      array[revoke_token.session_id], 'signed_out', 'user', revoke_token.session_id, actor_ip
    );
  end if;
  perform latchkey.check_deadline(deadline);
  return ended;
end
$$;

comment on function latchkey.revoke_token(uuid, bytea, text, timestamptz) is
  'Ends the session of an authentic refresh token and returns how many ended: 1 or 0. Security definer: writes refresh_tokens.';

-- schemas/functions/revoke_tokens.sql

create function latchkey.revoke_tokens(
  session_ids uuid[],
  reason latchkey.revoked_reason,
  revoked_by latchkey.initiating_entity,
  revoked_by_session_id uuid,
  revoked_by_ip inet
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  ends latchkey.event_record[];
begin
  -- An expired session has already ended, so it is neither revoked nor counted.
  with revoked as (
    update latchkey.refresh_tokens t
    set revoked_at = now(),
        revoked_reason = revoke_tokens.reason,
        revoked_by = coalesce(
          revoke_tokens.revoked_by,
          latchkey.initiating_entity(revoke_tokens.reason::text::latchkey.ended_reason)
        ),
        revoked_by_session_id = revoke_tokens.revoked_by_session_id,
        revoked_by_ip = revoke_tokens.revoked_by_ip
    where t.session_id = any (session_ids)
      and now() < t.active_until
    returning t as token
  )
  select array_agg(latchkey.session_end(r.token)) into ends from revoked r;
  if ends is null then
    return 0;
  end if;
  perform latchkey.publish_session_ends(ends);
  return cardinality(ends);
end
$$;

comment on function latchkey.revoke_tokens(uuid[], latchkey.revoked_reason, latchkey.initiating_entity, uuid, inet) is
  'Revokes those of the given sessions that Latchkey manages and that are active, publishes their end, and returns how many. revoked_by: null for the usual initiator of the reason. Internal.';

-- schemas/functions/run_custom_access_token_hook.sql

-- The hook is the function that the project may have for Supabase Auth already, and it
-- is called with the same event.
--
-- If the hook refuses, fails or takes too long, this function raises an error. That
-- rolls back the rotation for which the hook was called, so the caller's token stays
-- valid. A refusal that is returned as an outcome would replace the token.

create function latchkey.run_custom_access_token_hook(hook text, event jsonb)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  start constant timestamptz := clock_timestamp();
  given constant jsonb := event -> 'claims';
  answer jsonb;
  claims jsonb;
  expires_at bigint;
  wrong text;
begin
  -- If the hook's search_path does not name pg_temp, PostgreSQL looks for its types,
  -- tables and views in the connection's temporary schema first. Code that the caller
  -- put there would then run as the owner of the functions that call this one.
  if pg_my_temp_schema() <> 0 and exists (
    select from pg_catalog.pg_type mine
    join pg_catalog.pg_type other on other.typname = mine.typname
    where mine.typnamespace = pg_my_temp_schema()
      and other.typnamespace <> mine.typnamespace
      and not pg_is_other_temp_schema(other.typnamespace)
  ) then
    raise exception 'names in pg_temp shadow those of other schemas: the custom access token hook is not called'
      using errcode = 'insufficient_privilege';
  end if;

  begin
    execute format('select %s($1)', hook) into answer using event;
  exception when serialization_failure or deadlock_detected then
    -- PostgREST repeats a transaction for as long as it fails with one of these
    -- codes, and a hook may raise them every time.
    raise exception 'the custom access token hook failed: %', sqlerrm
      using errcode = 'LK503';
  end;
  if clock_timestamp() - start > interval '2 seconds' then
    -- The caller has given up.
    raise exception 'the custom access token hook took longer than 2 seconds'
      using errcode = 'query_canceled';
  end if;
  if answer -> 'error' ->> 'message' <> '' then
    raise exception '%', left(answer -> 'error' ->> 'message', 500)
      using errcode = 'LK403', detail = coalesce(answer -> 'error' ->> 'http_code', '');
  end if;

  claims := answer -> 'claims';
  if jsonb_typeof(claims) is distinct from 'object' then
    raise exception 'the custom access token hook returned no claims';
  end if;
  -- The schema that Supabase Auth checks a token against.
  select string_agg(c.name, ', ') into wrong
  from (values
    ('aal', '{string}'::text[], true),
    ('amr', '{array}', false),
    ('app_metadata', '{object}', false),
    ('aud', '{string,array}', true),
    ('client_id', '{string}', false),
    ('email', '{string}', true),
    ('exp', '{number}', true),
    ('iat', '{number}', true),
    ('is_anonymous', '{boolean}', true),
    ('iss', '{string}', false),
    ('jti', '{string}', false),
    ('nbf', '{number}', false),
    ('phone', '{string}', true),
    ('role', '{string}', true),
    ('session_id', '{string}', true),
    ('sub', '{string}', true),
    ('user_metadata', '{object}', false)
  ) c (name, types, required)
  where case
    when claims ? c.name then jsonb_typeof(claims -> c.name) <> all (c.types)
    else c.required
  end;
  if wrong is not null then
    raise exception 'the custom access token hook removed or retyped %', wrong;
  end if;
  -- A hook may not change whose token it is, or of which session.
  if claims -> 'sub' <> given -> 'sub' or claims -> 'session_id' <> given -> 'session_id' then
    raise exception 'the custom access token hook changed sub or session_id';
  end if;
  -- A hook that computes with extract(epoch from …) returns a fraction.
  expires_at := floor(least((claims ->> 'exp')::numeric, (given ->> 'exp')::numeric));
  -- A client would refresh immediately, again and again.
  if expires_at <= (given ->> 'iat')::bigint and expires_at < (given ->> 'exp')::bigint then
    raise exception 'the custom access token hook set exp to a time that has passed';
  end if;
  return claims || jsonb_build_object('exp', expires_at);
end
$$;

comment on function latchkey.run_custom_access_token_hook(text, jsonb) is
  'Runs the hook on Supabase Auth''s event and returns the hook''s claims. Raises LK403 with the hook''s message (and its HTTP status as detail) if the hook refuses, LK503 if it lost a race, and another error if it is broken. The hook may shorten exp but never prolong it.';

-- schemas/functions/schedule_upkeep.sql

-- Schedules upkeep() where pg_cron is installed. A project that installs pg_cron later
-- calls this once more.

create function latchkey.schedule_upkeep()
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regprocedure('cron.schedule(text,text,text)') is null then
    return 'There is no pg_cron here: install it and call latchkey.schedule_upkeep() again, or have any scheduler call latchkey.upkeep() every ten minutes.';
  end if;
  -- A job of the same name is replaced.
  execute $job$
    select cron.schedule('latchkey-upkeep', '*/10 * * * *', 'select latchkey.upkeep()')
  $job$;
  return 'pg_cron calls latchkey.upkeep() every ten minutes.';
exception when insufficient_privilege then
  return 'This role may not use pg_cron: call latchkey.schedule_upkeep() as one that may.';
end
$$;

comment on function latchkey.schedule_upkeep() is
  'Schedules latchkey.upkeep() with pg_cron, every ten minutes, and returns a sentence that says whether it could.';

-- schemas/functions/session_active.sql

-- The live check for policies.

create function latchkey.session_active()
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (latchkey.session_state(latchkey.caller_session_id(), null)).outcome = 'active';
end
$$;

comment on function latchkey.session_active() is
  'True while the caller''s session is active; for policies, as (select latchkey.session_active()), which checks once per statement. Also works for sessions that Latchkey does not manage. Security definer: reads auth.sessions, which its callers may not.';

-- schemas/functions/session_deleted.sql

create function latchkey.session_deleted()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  ends latchkey.event_record[];
begin
  -- A session whose end was published needs nothing more. An expired session gets no
  -- broadcast, but its row in auth.sessions must be deleted too: without the row
  -- here, the session would look like one that Latchkey never managed.
  select array_agg(latchkey.session_end(t)) into ends
  from deleted t
  where t.revoked_at is null and t.expiry_published_at is null;
  if ends is not null then
    perform latchkey.publish_session_ends(ends);
  end if;
  return null;
end
$$;

comment on function latchkey.session_deleted() is
  'Trigger: publishes the end of sessions whose rows are deleted before their end was published. Security definer: deletes from auth.sessions and sends on Realtime, whichever role deleted the rows.';

create trigger session_deleted
  after delete on latchkey.refresh_tokens
  referencing old table as deleted
  for each statement
  execute function latchkey.session_deleted();
comment on trigger session_deleted on latchkey.refresh_tokens is
  'Publishes the end of sessions whose rows were deleted.';

-- schemas/functions/session_end.sql

-- A revoked row says why the session ended and who ended it. Any other row has expired
-- or is being deleted: its user is being deleted, or an administrator deletes the row
-- by SQL.

create function latchkey.session_end(token latchkey.refresh_tokens)
returns latchkey.event_record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  reason constant latchkey.ended_reason := case
    when token.revoked_at is not null then token.revoked_reason::text
    when now() >= token.active_until then 'expired'
    when not exists (select from auth.users u where u.id = token.user_id) then 'user_deleted'
    else 'admin'
  end;
  ended latchkey.event_record;
begin
  ended := latchkey.event_of(token, case reason
    when 'reuse' then 'authn_token_reuse'
    when 'expired' then 'session_expired'
    else 'authn_token_revoked'
  end::latchkey.session_event);
  if reason = 'expired' then
    -- It is recorded later, by the upkeep.
    ended.created_at := token.active_until;
  end if;
  ended.reason := reason;
  ended.initiating_entity := coalesce(token.revoked_by, latchkey.initiating_entity(reason));
  ended.actor_session_id := token.revoked_by_session_id;
  ended.actor_ip := token.revoked_by_ip;
  return ended;
end
$$;

comment on function latchkey.session_end(latchkey.refresh_tokens) is
  'The event that is published when a session was revoked, has expired or its row is deleted. Internal.';

-- schemas/functions/session_list.sql

create function latchkey.session_list(user_id uuid, current_session_id uuid)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(
      jsonb_agg(to_jsonb(s) order by s.last_used_at desc, s.session_id), '[]'
    )
    from (
      select t.session_id, t.created_at, t.rotated_at as last_used_at,
        t.active_until as expires_at,
        t.user_agent, host(t.ip) as ip,
        case when t.client is not null then coalesce(t.last_user_agent, t.user_agent) end
          as last_user_agent,
        host(t.last_ip) as last_ip, t.client, t.country, t.device_name, t.jkt is not null as bound,
        t.session_id is not distinct from current_session_id as current
      from latchkey.refresh_tokens t
      where t.user_id = session_list.user_id
        and now() < t.active_until
      order by t.rotated_at desc, t.session_id
      limit 1000
    ) s
  );
end
$$;

comment on function latchkey.session_list(uuid, uuid) is
  'A user''s active sessions, the last used first, at most 1000. Internal: its callers have already checked who may see it.';

-- schemas/functions/session_revoked.sql

create function latchkey.session_revoked()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform latchkey.publish_session_ends(array[latchkey.session_end(new)]);
  return null;
end
$$;

comment on function latchkey.session_revoked() is
  'Trigger: publishes the end of a session that was revoked by a plain update. Security definer: deletes from auth.sessions and sends on Realtime, whichever role revoked the session.';

-- Only where revoked_by is null: revoke_tokens() sets it, and itself publishes all
-- the sessions that it ends.
create trigger session_revoked
  after update of revoked_at on latchkey.refresh_tokens
  for each row
  when (old.revoked_at is null and new.revoked_at is not null and new.revoked_by is null)
  execute function latchkey.session_revoked();
comment on trigger session_revoked on latchkey.refresh_tokens is
  'Publishes the end of a session that was revoked by a plain update.';

-- schemas/functions/session_state.sql

-- The live check: it reads the tables and does not trust a token. A session that
-- Latchkey does not manage is active as long as Supabase Auth has its row. Another
-- user's session counts as not active.

create function latchkey.session_state(session_id uuid, user_id uuid)
returns latchkey.session_state_result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  token latchkey.refresh_tokens;
  auth_user_id uuid;
  account record;
  aal1_timeout interval;
begin
  select t.* into token
  from latchkey.refresh_tokens t
  where t.session_id = session_state.session_id
    and t.user_id = coalesce(session_state.user_id, t.user_id);
  if token.revoked_at is not null then
    return ('revoked', token.revoked_reason::text)::latchkey.session_state_result;
  elsif now() >= token.active_until then
    return ('expired', case
      when token.idle_expires_at < token.expires_at then 'idle' else 'absolute'
    end)::latchkey.session_state_result;
  end if;

  select s.user_id into auth_user_id
  from auth.sessions s
  where s.id = session_state.session_id
    and s.user_id = coalesce(session_state.user_id, s.user_id);
  select u.deleted_at, u.banned_until into account
  from auth.users u
  where u.id = coalesce(session_state.user_id, auth_user_id, token.user_id);
  if not found or account.deleted_at is not null then
    return ('revoked', 'user_deleted')::latchkey.session_state_result;
  elsif account.banned_until > now() then
    return ('revoked', 'banned')::latchkey.session_state_result;
  elsif auth_user_id is null then
    -- Auth has ended the session. Either only Auth managed it, or the trigger on
    -- auth.sessions missed the deletion, because an error in it is only a warning.
    return ('revoked', 'signed_out')::latchkey.session_state_result;
  end if;

  select s.aal1_timeout into aal1_timeout from latchkey.settings s;
  if aal1_timeout is not null and token.session_id is not null
    and latchkey.aal1_expired(token) then
    return ('expired', 'aal1')::latchkey.session_state_result;
  end if;
  return ('active', null)::latchkey.session_state_result;
end
$$;

comment on function latchkey.session_state(uuid, uuid) is
  'The live check for functions: active, revoked or expired, with the reason. Without a user_id, the session may belong to any user. Security definer: reads auth tables, which its callers may not.';

-- schemas/functions/sessions.sql

create function latchkey.sessions(caller_session_id uuid, user_id uuid)
returns latchkey.sessions_result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  state constant latchkey.session_state_result :=
    latchkey.session_state(caller_session_id, user_id);
begin
  return (
    state.outcome, state.reason,
    case when state.outcome = 'active' then
      latchkey.session_list(user_id, caller_session_id)
    end
  )::latchkey.sessions_result;
end
$$;

comment on function latchkey.sessions(uuid, uuid) is
  'The active sessions of a user for GET /sessions, the last used first, at most 1000, if the calling session is active. Security definer: reads refresh_tokens.';

-- schemas/functions/sessions_by_admin.sql

create function latchkey.sessions_by_admin(user_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return latchkey.session_list(user_id, null);
end
$$;

comment on function latchkey.sessions_by_admin(uuid) is
  'A user''s active sessions, the last used first, at most 1000; none of them is the current one. For administrators: needs no session. Security definer: reads refresh_tokens.';

-- schemas/functions/sessions_of_user.sql

-- A request ends many sessions of one user in batches: one call that ends 45,000
-- sessions would take longer than its caller waits.

create function latchkey.sessions_of_user(user_id uuid, but_not uuid, most integer)
returns uuid[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    (select t.session_id
    from latchkey.refresh_tokens t
    where t.user_id = sessions_of_user.user_id
      and t.session_id is distinct from but_not
      and now() < t.active_until
    limit most)
    union
    (select s.id
    from auth.sessions s
    where s.user_id = sessions_of_user.user_id and s.id is distinct from but_not
    limit most)
    limit most
  );
end
$$;

comment on function latchkey.sessions_of_user(uuid, uuid, integer) is
  'Ids of a user''s sessions, of Latchkey or only of Supabase Auth, except one, up to a limit. Internal.';

-- schemas/functions/settle_attempt.sql

-- Called when an attempt has ended, unless the password was wrong, which is already
-- counted. A success clears the account's count, but for the address it refunds only
-- this attempt: otherwise an attacker could get more guesses with one successful
-- sign-in. It locks rows in the same order as attempt().

create function latchkey.settle_attempt(
  account text,
  address text,
  succeeded boolean,
  deadline timestamptz default null
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set statement_timeout = '3s'
as $$
begin
  perform latchkey.check_deadline(deadline);
  if address is not null then
    perform latchkey.refund_attempt('address', address);
  end if;
  if succeeded then
    delete from latchkey.login_attempts a
    where a.kind = 'account' and a.key_hash = latchkey.attempt_key('account', account);
  else
    perform latchkey.refund_attempt('account', account);
  end if;
  perform latchkey.check_deadline(deadline);
end
$$;

comment on function latchkey.settle_attempt(text, text, boolean, timestamptz) is
  'Ends an attempt that latchkey.attempt allowed: the password was correct (succeeded), or was never checked. Security definer: writes login_attempts.';

-- schemas/functions/settle_notice.sql

-- take_notices has already set the next due time of a notice that failed. After three
-- days it is given up, and its row is kept so that the owner can see it.

create function latchkey.settle_notice(
  id uuid,
  outcome latchkey.notice_outcome,
  answer text,
  pause_seconds integer default null
)
returns latchkey.notice_outcome
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  notice latchkey.outbox;
begin
  update latchkey.outbox o
  set last_answer = left(settle_notice.answer, 200),
      outcome = s.outcome,
      settled_at = case when s.outcome is not null then clock_timestamp() end
  from (
    select n.id, case
      when settle_notice.outcome <> 'failed' then settle_notice.outcome
      when n.created_at < now() - interval '3 days' then 'given_up'
    end as outcome
    from latchkey.outbox n
    where n.id = settle_notice.id
  ) s
  where o.id = s.id and o.settled_at is null
  returning o.* into notice;
  if not found then
    return null;
  end if;

  if notice.outcome = 'gone' or pause_seconds is not null then
    update latchkey.receivers r
    set enabled = r.enabled and notice.outcome is distinct from 'gone',
        resume_at = greatest(r.resume_at, clock_timestamp() + make_interval(secs => pause_seconds))
    where r.id = notice.receiver_id;
  end if;
  return coalesce(notice.outcome, 'failed');
end
$$;

comment on function latchkey.settle_notice(uuid, latchkey.notice_outcome, text, integer) is
  'Records the outcome of sending a notice: delivered, refused (permanently), gone (which disables the receiver) or failed, which is tried again for three days, then given_up. pause_seconds: the receiver gets nothing for this time. Returns the outcome now, or null if it was settled before. Security definer: writes the outbox and the receivers.';

-- schemas/functions/start_session.sql

create function latchkey.start_session(
  auth_session auth.sessions,
  settings latchkey.settings,
  secret_hash bytea,
  adoption_nonce bytea,
  aal text,
  amr jsonb,
  user_agent text,
  ip text,
  device_name text,
  jkt bytea,
  client text,
  country text,
  device_hash bytea
)
returns latchkey.refresh_tokens
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  token latchkey.refresh_tokens;
  created latchkey.event_record;
  on_new_device latchkey.event_record;
begin
  if not latchkey.enforce_session_limit(auth_session.user_id, settings) then
    return null;
  end if;

  insert into latchkey.refresh_tokens
    (session_id, user_id, secret_hash, adoption_nonce, expires_at, idle_expires_at,
     aal, amr, user_agent, ip, device_name, jkt, last_ip, client, country)
  values
    (auth_session.id, auth_session.user_id, start_session.secret_hash,
     start_session.adoption_nonce,
     least(now() + settings.absolute_timeout, auth_session.not_after),
     now() + settings.idle_timeout,
     start_session.aal, start_session.amr, left(start_session.user_agent, 512),
     start_session.ip::inet, start_session.device_name, start_session.jkt,
     start_session.ip::inet, start_session.client, start_session.country)
  returning * into token;
  perform latchkey.invalidate_auth_refresh_tokens(token.session_id);

  created := latchkey.event_of(token, 'session_created');
  created.initiating_entity := 'user';
  created.client := token.client;
  created.country := token.country;
  created.new_device := not latchkey.recognize_device(
    token.user_id, device_hash, token.session_id
  );
  if created.new_device then
    on_new_device := created;
    on_new_device.event := 'new_device';
    perform latchkey.record_events(array[created, on_new_device]);
  else
    perform latchkey.record_events(array[created]);
  end if;
  return token;
end
$$;

comment on function latchkey.start_session(auth.sessions, latchkey.settings, bytea, bytea, text, jsonb, text, text, text, bytea, text, text, bytea) is
  'Puts a session of Supabase Auth under Latchkey, for login and adopt, and returns its row; null if the session limit refuses it. Internal.';

-- schemas/functions/take_notices.sql

-- A caller that takes a notice has time until the notice's next due time to settle
-- it. If that caller dies, the notice is sent again, so the lease is also the retry.
-- The delays double from one minute to six hours. They vary by a tenth, so that the
-- notices of one outage do not all come back at the same time.
--
-- Takes only a few per receiver, so that a receiver with a thousand waiting notices
-- delays no other.

create function latchkey.take_notices(per_receiver integer, receiver_id uuid)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  taken jsonb;
begin
  with due as (
    select n.id, r.url, r.format, r.audience, r.secrets
    from latchkey.receivers r
    cross join lateral (
      select o.id
      from latchkey.outbox o
      where o.receiver_id = r.id
        and o.settled_at is null
        and o.due_at <= clock_timestamp()
      order by o.due_at
      limit per_receiver
      for update skip locked
    ) n
    where r.enabled
      and r.id = coalesce(take_notices.receiver_id, r.id)
      and (r.resume_at > clock_timestamp()) is not true
  ), leased as (
    update latchkey.outbox o
    set attempts = o.attempts + 1,
        due_at = clock_timestamp() + (0.9 + 0.2 * random())
          * least(interval '1 minute' * 2 ^ least(o.attempts, 9), interval '6 hours')
    from due
    where o.id = due.id
    returning o.*, due.url, due.format, due.audience, due.secrets
  )
  select jsonb_agg(
    jsonb_build_object(
      'id', l.id,
      'receiver_id', l.receiver_id,
      'url', l.url,
      'format', l.format,
      'audience', l.audience,
      'secrets', l.secrets[1:2],
      'payload', l.payload
    ) order by l.created_at
  )
  into taken
  from leased l;
  return coalesce(
    taken,
    case when exists (select from latchkey.receivers r where r.enabled) then '[]'::jsonb end
  );
end
$$;

comment on function latchkey.take_notices(integer, uuid) is
  'Takes the notices that are due, up to a limit per receiver, for all receivers or one, as a JSON array; null if no receiver is enabled. A notice that is not settled becomes due again later. Security definer: reads and writes the outbox.';

-- schemas/functions/unauthorized.sql

-- The only place that knows how PostgREST turns an exception into an answer. The Data
-- API then answers 401 like the Edge Functions, but with PostgREST's names: message
-- instead of error_description, and details instead of reason.
--
-- Use it only for refusals that write nothing, because the exception rolls everything
-- back.

create function latchkey.unauthorized(
  code text,
  error text,
  message text,
  details text,
  parameters text
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise sqlstate 'PGRST' using
    message = jsonb_build_object(
      'code', code, 'message', message, 'details', details, 'hint', null
    )::text,
    detail = jsonb_build_object(
      'status', 401,
      'headers', jsonb_build_object(
        'WWW-Authenticate',
        format('Bearer error="%s", error_description="%s"%s', error, message, parameters)
      )
    )::text;
end
$$;

comment on function latchkey.unauthorized(text, text, text, text, text) is
  'Raises an exception that PostgREST answers with 401 and a challenge (RFC 6750). Internal. error is the OAuth error code; message must not contain quotes or backslashes; parameters are additional parameters of the challenge.';

-- schemas/functions/upkeep.sql

-- Safe to call at any time, also from several places at the same time. A call ends
-- within seconds, however much there is to do, because a statement through the Data
-- API may take only eight seconds. The next call continues.

create function latchkey.upkeep()
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  batch constant integer := 5000;
  patience constant timestamptz := clock_timestamp() + interval '3 seconds';
  pruned jsonb;
  done jsonb := '{}';
begin
  begin
    done := jsonb_build_object('partitions', latchkey.prepare_partitions());
  exception when others then
    -- Until then, events go to the default partition.
    raise warning 'latchkey: the partitions were not prepared: %', sqlerrm;
  end;

  loop
    pruned := jsonb_build_object('expired', latchkey.expire_sessions(batch))
      || latchkey.prune(batch);
    select done || jsonb_object_agg(p.key, p.value::integer + coalesce((done ->> p.key)::integer, 0))
    into done
    from jsonb_each_text(pruned) p;
    exit when clock_timestamp() > patience
      or not exists (select from jsonb_each_text(pruned) p where p.value::integer >= batch);
  end loop;
  return done;
end
$$;

comment on function latchkey.upkeep() is
  'Prepares partitions, publishes the sessions that have expired and deletes rows whose retention period has ended, for a few seconds at most, and returns the number of each. Security definer: calls what the API roles may not.';

-- schemas/functions/use_proof.sql

create function latchkey.use_proof(proof_id bytea)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if use_proof.proof_id is null then
    return true;
  end if;
  insert into latchkey.used_proofs (proof_id) values (use_proof.proof_id)
  on conflict do nothing;
  return found;
end
$$;

comment on function latchkey.use_proof(bytea) is
  'Notes that a proof was used, and returns false if it was used before. null means no proof, which is always true. Internal.';

-- schemas/functions/user_data.sql

-- The object that an app gets as session.user.

create function latchkey.user_data(account auth.users)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_strip_nulls(jsonb_build_object(
    'id', account.id,
    'aud', coalesce(nullif(account.aud, ''), 'authenticated'),
    'role', coalesce(nullif(account.role, ''), 'authenticated'),
    'email', account.email,
    'email_confirmed_at', account.email_confirmed_at,
    'phone', coalesce(account.phone, ''),
    'phone_confirmed_at', account.phone_confirmed_at,
    'confirmed_at', account.confirmed_at,
    'last_sign_in_at', account.last_sign_in_at,
    'is_anonymous', account.is_anonymous,
    'created_at', account.created_at,
    'updated_at', account.updated_at
  )) || jsonb_build_object(
    'app_metadata', coalesce(account.raw_app_meta_data, '{}'),
    'user_metadata', coalesce(account.raw_user_meta_data, '{}')
  );
end
$$;

comment on function latchkey.user_data(auth.users) is
  'What supabase-js calls a User, without its identities.';

-- schemas/views/sessions.sql

-- For apps: users may read every column, so select * works.

create view latchkey.sessions
with (security_invoker = true)
as
select
  t.session_id,
  t.user_id,
  t.created_at,
  t.rotated_at as last_used_at,
  t.active_until as expires_at,
  t.aal,
  t.user_agent,
  t.ip,
  case when t.client is not null then coalesce(t.last_user_agent, t.user_agent) end
    as last_user_agent,
  t.last_ip,
  t.client,
  t.country,
  t.device_name,
  t.jkt is not null as bound,
  t.session_id = (select latchkey.caller_session_id()) as current
from latchkey.refresh_tokens t
where now() < t.active_until;
comment on view latchkey.sessions is
  'The caller''s active sessions, under the policies of refresh_tokens.';

-- schemas/policies/realtime_messages.sql

-- The channels session:<id> and user:<id>: their owner listens while the calling
-- session is active. There is no insert policy, so clients cannot send there. For the
-- check, Realtime uses rows that have only topic and extension. (A policy on a table
-- of another owner cannot have a comment.)

create policy "Latchkey: users listen on their own channels"
  on realtime.messages for select to authenticated
  using (
    extension = 'broadcast'
    and topic = (select realtime.topic())
    and topic in (
      'session:' || ((select auth.jwt()) ->> 'session_id'),
      'user:' || (select auth.uid())::text
    )
    and (select latchkey.session_active())
  );

-- schemas/policies/refresh_tokens.sql

create policy "Users read their own sessions"
  on latchkey.refresh_tokens for select to authenticated
  using (user_id = (select auth.uid()) and (select latchkey.session_active()));
comment on policy "Users read their own sessions" on latchkey.refresh_tokens is
  'Only the harmless columns; see the grants. A session that is not active reads nothing.';

-- schemas/policies/session_events.sql

create policy "Users read their own events"
  on latchkey.session_events for select to authenticated
  using (user_id = (select auth.uid()) and (select latchkey.session_active()));
comment on policy "Users read their own events" on latchkey.session_events is
  'A session that is not active reads nothing.';

-- schemas/upkeep.sql

-- Creates the first partitions, and the schedule if pg_cron is installed.

select latchkey.prepare_partitions();
select latchkey.schedule_upkeep();

-- schemas/grants.sql

-- All privileges in this schema, in one file. First it revokes what the roles have by
-- default. Revoking from public alone would leave what a project's default privileges
-- gave to the API roles.

revoke all on schema latchkey from public, anon, authenticated, service_role, latchkey_functions;
revoke all on all tables in schema latchkey from public, anon, authenticated, service_role, latchkey_functions;
revoke all on all functions in schema latchkey from public, anon, authenticated, service_role, latchkey_functions;

grant usage on schema latchkey to anon, authenticated, service_role, latchkey_functions;

-- PostgREST calls it as the role of the request.
grant execute on function latchkey.check_request() to anon, authenticated, service_role;
-- For an app's policies; a caller without a session gets false.
grant execute on function latchkey.session_active() to anon, authenticated, service_role;

-- For supabase-js as the signed-in user; the view sessions calls the first two.
grant execute on function latchkey.caller_session_id() to authenticated;
grant execute on function latchkey.parse_uuid(text) to authenticated;
grant execute on function latchkey.revoke_session(text) to authenticated;
grant select (
  session_id, user_id, created_at, rotated_at, expires_at, idle_expires_at, active_until,
  aal, user_agent, ip, device_name, jkt, last_ip, last_user_agent, client, country, revoked_at, revoked_reason
) on latchkey.refresh_tokens to authenticated;
grant select on latchkey.sessions to authenticated;
grant select on latchkey.session_events to authenticated;

-- The Edge Functions: with the secret key through the Data API (service_role),
-- or on a connection of their own (latchkey_functions).
grant execute on function latchkey.adopt(uuid, uuid, bytea, bytea, text, text, text, text, text, text, bigint, bytea, bytea, text, text, bytea, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.attempt(text, text, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.clock() to service_role, latchkey_functions;
grant execute on function latchkey.disavow(uuid, latchkey.revoke_scope, text, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.introspect(uuid, integer, bytea) to service_role, latchkey_functions;
grant execute on function latchkey.login(uuid, bytea, text, text, text, text, text, text, bytea, bytea, text, text, bytea, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.refresh(uuid, integer, bytea, text, text, bytea, bytea, integer, text, text, text, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.revoke(uuid, uuid, bigint, latchkey.revoke_scope, uuid, text, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.revoke_by_admin(uuid, uuid, latchkey.revoked_reason, text, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.revoke_token(uuid, bytea, text, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.session_state(uuid, uuid) to service_role, latchkey_functions;
grant execute on function latchkey.sessions(uuid, uuid) to service_role, latchkey_functions;
grant execute on function latchkey.sessions_by_admin(uuid) to service_role, latchkey_functions;
grant execute on function latchkey.settle_attempt(text, text, boolean, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.settle_notice(uuid, latchkey.notice_outcome, text, integer) to service_role, latchkey_functions;
grant execute on function latchkey.take_notices(integer, uuid) to service_role, latchkey_functions;

-- A scheduler outside the database, with the secret key.
grant execute on function latchkey.upkeep() to service_role;
