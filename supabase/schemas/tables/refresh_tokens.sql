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
