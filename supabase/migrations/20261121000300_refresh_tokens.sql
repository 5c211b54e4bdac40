-- One row per session, updated in place: storage does not grow with use, and
-- every older token is recognised by its generation for as long as the row
-- stands, without a row of its own.
--
-- Rotation must stay a heap-only update: pages keep room for the new version
-- (fillfactor), and no index may name a column that rotation changes
-- (generation, rotated_at, idle_expires_at).

create table latchkey.refresh_tokens (
  session_id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  generation integer not null default 0 check (generation >= 0),
  created_at timestamptz not null default now(),
  rotated_at timestamptz not null default now(),
  expires_at timestamptz not null,
  idle_expires_at timestamptz not null,
  aal text not null default 'aal1' check (aal in ('aal1', 'aal2', 'aal3')),
  amr jsonb not null default '[]' check (jsonb_typeof(amr) = 'array'),
  user_agent text check (length(user_agent) <= 512),
  ip inet,
  device_name text check (length(device_name) <= 128),
  revoked_at timestamptz,
  revoked_reason text check (revoked_reason in (
    'signed_out', 'user', 'admin', 'reuse', 'password_changed', 'banned',
    'user_deleted', 'session_limit'
  )),
  constraint revoked_with_reason
    check ((revoked_at is null) = (revoked_reason is null))
) with (fillfactor = 70);

-- The cascade from auth.users and the list of one user's sessions.
create index refresh_tokens_user_id_idx on latchkey.refresh_tokens (user_id);

alter table latchkey.refresh_tokens enable row level security;

comment on table latchkey.refresh_tokens is
  'One row per session Latchkey manages. Written by Latchkey''s functions only; a user reads the harmless columns of the own rows (see the view latchkey.sessions).';
comment on column latchkey.refresh_tokens.session_id is
  'auth.sessions.id and the session_id claim. No foreign key: an ended session stays here, so that its tokens get a reason instead of a shrug.';
comment on column latchkey.refresh_tokens.user_id is
  'Whose session it is.';
comment on column latchkey.refresh_tokens.secret_hash is
  'sha256 of the 16 random bytes drawn at login. The tokens also carry an HMAC whose key is not in the database, so that a copy of this table mints nothing.';
comment on column latchkey.refresh_tokens.generation is
  'How many times the refresh token was replaced; the token of this generation is the current one.';
comment on column latchkey.refresh_tokens.created_at is
  'When the session was signed in.';
comment on column latchkey.refresh_tokens.rotated_at is
  'When the token was last replaced: the reuse interval counts from here.';
comment on column latchkey.refresh_tokens.expires_at is
  'The absolute end, fixed at sign-in.';
comment on column latchkey.refresh_tokens.idle_expires_at is
  'The end if nothing refreshes the session; moved at each rotation.';
comment on column latchkey.refresh_tokens.aal is
  'Authenticator assurance level of the sign-in, as in Supabase Auth.';
comment on column latchkey.refresh_tokens.amr is
  'How the user authenticated, newest first: [{"method", "timestamp"}], as in Supabase Auth.';
comment on column latchkey.refresh_tokens.user_agent is
  'The User-Agent header at sign-in, cut at 512 characters.';
comment on column latchkey.refresh_tokens.ip is
  'The client''s address at sign-in, as the function saw it.';
comment on column latchkey.refresh_tokens.device_name is
  'What the app calls the device.';
comment on column latchkey.refresh_tokens.revoked_at is
  'When the session was ended for good; null while it stands.';
comment on column latchkey.refresh_tokens.revoked_reason is
  'Why it was ended.';
comment on constraint revoked_with_reason on latchkey.refresh_tokens is
  'An end has a reason, and a reason is an end.';
comment on index latchkey.refresh_tokens_user_id_idx is
  'One user''s sessions, and the cascade from auth.users.';
