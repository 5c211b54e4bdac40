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

-- Roles belong to the whole server and outlive a database reset, so it may
-- exist already. It cannot log in until the project's owner gives it a password:
-- there is no default secret.

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'latchkey_functions') then
    create role latchkey_functions nologin noinherit;
  end if;
end
$$;
-- Shorter than the functions wait for an answer.
alter role latchkey_functions set statement_timeout = '2s';
-- The functions rely on seeing what others have committed in the meantime.
alter role latchkey_functions set default_transaction_isolation = 'read committed';
comment on role latchkey_functions is
  'What the Edge Functions log in as when LATCHKEY_DB_URL is set: executes Latchkey''s functions, reads and writes nothing itself.';

-- schemas/tables/settings.sql

-- One row, so that a change is one update, is seen by the next statement and
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
  sessions_per_user integer
    check (sessions_per_user between 1 and 1000),
  at_session_limit text not null default 'end_oldest'
    check (at_session_limit in ('end_oldest', 'refuse')),
  custom_access_token_hook text,
  strict boolean not null default false,
  attempts_before_delay integer not null default 5
    check (attempts_before_delay between 1 and 100),
  longest_attempt_delay interval not null default interval '15 minutes'
    check (longest_attempt_delay between interval '1 second' and interval '1 day'),
  ended_sessions_kept interval not null default interval '30 days'
    check (ended_sessions_kept between interval '1 day' and interval '3650 days'),
  events_kept interval not null default interval '1 year'
    check (events_kept between interval '1 month' and interval '100 years'),
  revoke_max_age interval
    check (revoke_max_age between interval '1 minute' and interval '30 days')
);

comment on table latchkey.settings is
  'Latchkey''s settings, one row: update latchkey.settings set …; no redeploy needed.';
comment on column latchkey.settings.singleton is
  'Always true: there is one row.';
comment on column latchkey.settings.access_token_seconds is
  'Lifetime of an access token in seconds. A verifier that only looks at the token trusts an ended session for at most this long.';
comment on column latchkey.settings.reuse_interval_seconds is
  'For this many seconds after its replacement, a refresh token counts as a race or a retry and not as theft.';
comment on column latchkey.settings.idle_timeout is
  'A session that is not refreshed for this long expires. Each refresh starts it again.';
comment on column latchkey.settings.absolute_timeout is
  'A session expires this long after sign-in, however often it is refreshed. Fixed at sign-in.';
comment on column latchkey.settings.sessions_per_user is
  'How many active sessions of Latchkey a user may have; null for any number. Enforced when a session starts.';
comment on column latchkey.settings.at_session_limit is
  'end_oldest: the sessions with the oldest sign-in end with reason session_limit. refuse: the new session is refused.';
comment on column latchkey.settings.custom_access_token_hook is
  'A function schema.name(event jsonb) returns jsonb that changes the claims of each access token, like Supabase Auth''s custom access token hook; null for none.';
comment on column latchkey.settings.strict is
  'Where check_request() is in use: refuse signed-in callers whose session Latchkey does not manage. Turn it on once every sign-in goes through /login.';
comment on column latchkey.settings.attempts_before_delay is
  'This many wrong passwords in a row cause no delay for an account; ten times as many for a client address. Each further one doubles the delay, from 1 second on.';
comment on column latchkey.settings.longest_attempt_delay is
  'The delay doubles up to this.';
comment on column latchkey.settings.ended_sessions_kept is
  'How long an ended session can still say why it ended; after that its tokens are unknown.';
comment on column latchkey.settings.events_kept is
  'Retention period of the audit trail; whole months are dropped.';
comment on column latchkey.settings.revoke_max_age is
  'A user who ends a session other than the calling one must have authenticated within this time. Null for no such rule. Signing out the calling session always works.';

insert into latchkey.settings default values;

alter table latchkey.settings enable row level security;

-- schemas/tables/refresh_tokens.sql

-- One row per session, updated in place: storage does not grow with use, and an
-- older token is recognised by its generation for as long as the row exists,
-- without a row of its own.
--
-- Rotation must stay a heap-only update, so no index may name a column that
-- rotation changes (generation, rotated_at, idle_expires_at, aal, amr), and each
-- page keeps room for new versions. With a fillfactor of 85 a page of 20
-- sessions has room for four, which is more than rotations need at once, because
-- the next rotation removes the old versions.

create table latchkey.refresh_tokens (
  session_id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  adoption_nonce bytea check (octet_length(adoption_nonce) = 17),
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
) with (fillfactor = 85);

-- The cascade from auth.users and the list of one user's sessions.
create index refresh_tokens_user_id_idx on latchkey.refresh_tokens (user_id);

alter table latchkey.refresh_tokens enable row level security;

comment on table latchkey.refresh_tokens is
  'One row per session that Latchkey manages. Only Latchkey''s functions write it; users read the harmless columns of their own rows (see the view latchkey.sessions).';
comment on column latchkey.refresh_tokens.session_id is
  'auth.sessions.id and the claim session_id. Not a foreign key: the row of an ended session is kept, so that an ended session can still say why it ended.';
comment on column latchkey.refresh_tokens.user_id is
  'The user whose session it is.';
comment on column latchkey.refresh_tokens.secret_hash is
  'sha256 of the 16 random bytes drawn at login. The tokens also carry an HMAC whose key is not in the database, so a copy of this table issues no token.';
comment on column latchkey.refresh_tokens.adoption_nonce is
  'Of an adopted session: the id of the key and the 16 random bytes from which its seed is derived, so that two tabs that adopt it get the same tokens. Null for a session that began at /login with a password.';
comment on column latchkey.refresh_tokens.generation is
  'How many times the refresh token was replaced; the token of this generation is the current one.';
comment on column latchkey.refresh_tokens.created_at is
  'When the session was signed in.';
comment on column latchkey.refresh_tokens.rotated_at is
  'When the token was last replaced: the reuse interval starts here.';
comment on column latchkey.refresh_tokens.expires_at is
  'When the session expires however often it is refreshed; fixed at sign-in.';
comment on column latchkey.refresh_tokens.idle_expires_at is
  'When the session expires if it is not refreshed; moved by each rotation.';
comment on column latchkey.refresh_tokens.aal is
  'Authenticator assurance level, as in Supabase Auth.';
comment on column latchkey.refresh_tokens.amr is
  'How the user authenticated, newest first: [{"method", "timestamp"}], as in Supabase Auth.';
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
comment on constraint revoked_with_reason on latchkey.refresh_tokens is
  'A revoked session has a reason, and only a revoked session has one.';
comment on index latchkey.refresh_tokens_user_id_idx is
  'One user''s sessions, and the cascade from auth.users.';

-- schemas/tables/session_events.sql

-- The audit trail: append-only, in the words of the OWASP logging vocabulary. A
-- plain refresh writes nothing here. It is partitioned by month, so that old
-- months are dropped instead of deleted; the default partition takes events of
-- months that have no partition, so a missing partition never fails a write. It
-- has no foreign keys, because the trail outlives the user.

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
  'What happened to sessions, append-only; users read their own events.';
comment on table latchkey.session_events_default is
  'Events of months that have no partition of their own.';
comment on index latchkey.session_events_user_id_idx is
  'One user''s events by time.';
comment on column latchkey.session_events.id is 'Identifies the event.';
comment on column latchkey.session_events.created_at is 'When it happened.';
comment on column latchkey.session_events.event is
  'The OWASP word: session_created, session_expired, authn_token_revoked, authn_token_reuse.';
comment on column latchkey.session_events.session_id is 'The session that it happened to.';
comment on column latchkey.session_events.user_id is 'The user whose session it is.';
comment on column latchkey.session_events.reason is
  'Why a session ended, as in refresh_tokens.revoked_reason, or expired.';
comment on column latchkey.session_events.initiating_entity is
  'Who ended it, in CAEP''s words: admin, user, policy or system.';
comment on column latchkey.session_events.ip is 'The client''s address at sign-in.';
comment on column latchkey.session_events.user_agent is 'The User-Agent header at sign-in.';
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
  'Sign-ins by password that failed, or of which the outcome is not known yet: one row per account, known or not, and per client address. After a quiet day a row counts nothing, and prune_attempts deletes it.';
comment on column latchkey.login_attempts.kind is
  'Whether an account or a client address is counted.';
comment on column latchkey.login_attempts.key_hash is
  'latchkey.attempt_key of the account or the address.';
comment on column latchkey.login_attempts.failures is
  'How many attempts failed or are under way.';
comment on column latchkey.login_attempts.last_failed_at is
  'When the last of them began.';
comment on column latchkey.login_attempts.blocked_until is
  'Until then no password is tried; null where none needs to wait.';
comment on index latchkey.login_attempts_last_failed_at_idx is
  'The rows that are old enough to delete.';

-- schemas/tables/receivers.sql

-- Other services that are told of each revocation. The owner of the project writes
-- this table by SQL; no other role sees it.

create table latchkey.receivers (
  id uuid primary key default gen_random_uuid(),
  url text not null check (
    url ~ '^https://[^/@?#]+([/?]|$)'
    or url ~ '^http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?([/?]|$)'
  ),
  audience text not null check (audience <> ''),
  enabled boolean not null default true,
  created_at timestamptz not null default now()
);

alter table latchkey.receivers enable row level security;

comment on table latchkey.receivers is
  'Services that get a Security Event Token for each revocation, see the function deliver.';
comment on column latchkey.receivers.id is 'Names the receiver.';
comment on column latchkey.receivers.url is
  'Where the tokens are sent by POST: https, or http on this machine.';
comment on column latchkey.receivers.audience is
  'The aud claim of its tokens, by which it knows that they are meant for it.';
comment on column latchkey.receivers.enabled is
  'While false it is told of nothing new, and what waits for it waits on.';
comment on column latchkey.receivers.created_at is 'When it was added.';

-- schemas/tables/outbox.sql

-- One row per revocation and receiver, written in the transaction of the revocation:
-- a notice exists if and only if the revocation was committed.

create table latchkey.outbox (
  id uuid primary key default gen_random_uuid(),
  receiver_id uuid not null references latchkey.receivers (id) on delete cascade,
  session_id uuid not null,
  user_id uuid not null,
  reason text not null,
  initiating_entity text not null,
  created_at timestamptz not null default clock_timestamp(),
  due_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0 check (attempts >= 0),
  last_answer text,
  settled_at timestamptz,
  outcome text check (outcome in ('delivered', 'refused', 'given_up')),
  constraint settled_with_outcome
    check ((settled_at is null) = (outcome is null))
);

-- What is due at each receiver, and the cascade from receivers.
create index outbox_due_idx on latchkey.outbox (receiver_id, due_at)
  where settled_at is null;
create index outbox_settled_idx on latchkey.outbox (settled_at)
  where settled_at is not null;

alter table latchkey.outbox enable row level security;

comment on table latchkey.outbox is
  'Notices of revocations to other services, waiting or settled.';
comment on column latchkey.outbox.id is
  'The jti of its Security Event Token, the same at each attempt: by it a receiver drops duplicates.';
comment on column latchkey.outbox.receiver_id is 'Whom it is for.';
comment on column latchkey.outbox.session_id is 'The session that ended.';
comment on column latchkey.outbox.user_id is 'Whose session it was.';
comment on column latchkey.outbox.reason is
  'Why it ended, as in refresh_tokens.revoked_reason.';
comment on column latchkey.outbox.initiating_entity is
  'Who ended it, in CAEP''s words: admin, user or policy.';
comment on column latchkey.outbox.created_at is 'When the session ended.';
comment on column latchkey.outbox.due_at is 'When it is to be sent, or sent again.';
comment on column latchkey.outbox.attempts is 'How often it was taken to be sent.';
comment on column latchkey.outbox.last_answer is
  'What came back last: a status, the receiver''s error code, or that there was no answer.';
comment on column latchkey.outbox.settled_at is 'When nothing was left to do; null while it waits.';
comment on column latchkey.outbox.outcome is
  'delivered; refused by the receiver for good; or given_up after three days.';
comment on constraint settled_with_outcome on latchkey.outbox is
  'What is settled has an outcome, and an outcome settles.';
comment on index latchkey.outbox_due_idx is
  'What waits for a receiver, the longest due first.';
comment on index latchkey.outbox_settled_idx is 'What can be pruned.';

-- schemas/types/adopt_result.sql

create type latchkey.adopt_result as (
  outcome text,
  reason text,
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb,
  adoption_nonce bytea
);
comment on type latchkey.adopt_result is
  'What adopt returns. outcome: created and repeated come with the rest filled; managed, oauth_client, banned, refused, revoked and expired come with at most a reason.';

-- schemas/types/revoke_result.sql

create type latchkey.revoke_result as (
  outcome text,
  reason text,
  revoked integer
);
comment on type latchkey.revoke_result is
  'What revoke returns. outcome: done with the number of sessions ended, forbidden, oauth_client, or the state of a caller whose own session is not active.';

-- schemas/types/session_result.sql

create type latchkey.session_result as (
  outcome text,
  reason text,
  generation integer,
  access_token_seconds integer,
  claims jsonb,
  user_data jsonb
);
comment on type latchkey.session_result is
  'What login and refresh return. outcome: created, rotated and repeated come with the rest filled; reused, revoked, expired, unknown, banned and refused come with at most a reason.';

-- schemas/types/session_state_result.sql

create type latchkey.session_state_result as (
  outcome text,
  reason text
);
comment on type latchkey.session_state_result is
  'The state of a session: active, revoked (with its reason) or expired (idle or absolute).';

-- schemas/types/sessions_result.sql

create type latchkey.sessions_result as (
  outcome text,
  reason text,
  sessions jsonb
);
comment on type latchkey.sessions_result is
  'What sessions returns. outcome: active with the list, or the state of a caller whose own session is not active.';

-- schemas/functions/access_token_seconds.sql

-- The access token's lifetime is what its claims say.

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
  'For how many seconds an access token with these claims, issued now, is good.';

-- schemas/functions/adopt.sql

-- Takes a session over that Supabase Auth made in any other way, for whoever
-- shows its access token, which the function has verified. Twice or from two
-- tabs at once, the first begins it and the others get the same tokens: here the
-- nonce of the first, from which the function derives the seed.
--
-- The rows in auth.users and auth.sessions are locked before anything else, in
-- the order in which a deletion of the user goes through them: adopters of one
-- session take turns, and Auth waits for us or we for it, never in a circle.

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
  issuer text default null,
  issued_at bigint default null
)
returns latchkey.adopt_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '3s'
as $$
#variable_conflict use_column
declare
  state latchkey.session_state_result;
  account auth.users;
  settings latchkey.settings;
  auth_session auth.sessions;
  token latchkey.refresh_tokens;
  -- Auth's tables say how the user signed in; the access token may be older.
  actual_aal text;
  actual_amr jsonb;
  result latchkey.adopt_result;
begin
  -- As the foreign key will, which is too late.
  perform from auth.users u where u.id = adopt.user_id for key share;
  select s.* into auth_session
  from auth.sessions s
  where s.id = adopt.session_id and s.user_id = adopt.user_id
  for update;

  select u.* into account from auth.users u where u.id = adopt.user_id;
  if account.banned_until > now() then
    result.outcome := 'banned';
    return result;
  end if;
  state := latchkey.session_state(adopt.session_id, adopt.user_id);
  if state.outcome = 'active' and auth_session.not_after <= now() then
    state := ('expired', 'absolute');
  end if;
  if state.outcome <> 'active' then
    result.outcome := state.outcome;
    result.reason := state.reason;
    return result;
  end if;

  if latchkey.is_oauth_client(adopt.session_id) then
    result.outcome := 'oauth_client';
    return result;
  end if;

  select s.* into strict settings from latchkey.settings s;
  actual_aal := coalesce(auth_session.aal::text, adopt.aal);
  actual_amr := coalesce(latchkey.amr(adopt.session_id), adopt.amr::jsonb);

  select t.* into token
  from latchkey.refresh_tokens t where t.session_id = adopt.session_id;
  if found then
    -- Auth makes access tokens later too: for whoever enrols a second factor,
    -- which takes no more than an access token of ours. Its clock may be ahead.
    if token.adoption_nonce is null
      or (adopt.issued_at <= extract(epoch from token.created_at) + 5) is not true then
      result.outcome := 'managed';
      return result;
    end if;
    result.outcome := 'repeated';
    token.aal := actual_aal;
    token.amr := actual_amr;
  else
    if not latchkey.make_room(account.id, settings) then
      result.outcome := 'refused';
      result.reason := 'session_limit';
      return result;
    end if;
    insert into latchkey.refresh_tokens
      (session_id, user_id, secret_hash, adoption_nonce, expires_at, idle_expires_at,
       aal, amr, user_agent, ip, device_name)
    values
      (adopt.session_id, account.id, adopt.secret_hash, adopt.adoption_nonce,
       least(now() + settings.absolute_timeout, auth_session.not_after),
       now() + settings.idle_timeout,
       actual_aal, actual_amr, left(adopt.user_agent, 512), adopt.ip::inet,
       adopt.device_name)
    returning * into token;
    perform latchkey.drop_auth_refresh_token(token.session_id);
    insert into latchkey.session_events
      (event, session_id, user_id, initiating_entity, ip, user_agent)
    values
      ('session_created', token.session_id, token.user_id, 'user', token.ip, token.user_agent);
    result.outcome := 'created';
  end if;

  result.generation := token.generation;
  result.adoption_nonce := token.adoption_nonce;
  result.claims := latchkey.claims(
    token, account, settings, issuer,
    coalesce(token.amr -> 0 ->> 'method', 'token_refresh')
  );
  result.access_token_seconds := latchkey.access_token_seconds(result.claims);
  result.user_data := latchkey.user_data(account);
  return result;
end
$$;

comment on function latchkey.adopt(uuid, uuid, bytea, bytea, text, text, text, text, text, text, bigint) is
  'Takes over a session that Supabase Auth made: outcome created, repeated with the nonce of whoever was first, managed (it was signed in with a password here, or the access token was issued after the session was adopted), oauth_client (it is an OAuth client''s), banned, refused with the limit as reason, or where the session stands when it is over. aal and amr are the token''s, for a server that does not keep them. Security definer: reads auth tables and writes refresh_tokens.';

-- schemas/functions/amr.sql

-- How a session was authenticated, as Supabase Auth builds the claim. Read from
-- its table at every rotation: what was verified meanwhile is in the next token,
-- and an older token cannot take it away.

create function latchkey.amr(session_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Not every server that speaks for Auth keeps the table: the local one does not.
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
        -- As Auth: users of SSO have one identity.
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
  'The claim amr of a session from Supabase Auth''s table, newest first; null where there is nothing to read. Security definer: reads auth tables, which its callers may not.';

-- schemas/functions/attempt.sql

-- Asked before a password is tried. The transaction ends before Supabase Auth
-- is asked, so the two row locks are short; they are always taken in this
-- order, the address first, so two calls never wait for each other in a circle.

create function latchkey.attempt(account text, address text)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  free constant integer := (select s.attempts_before_delay from latchkey.settings s);
  wait integer := 0;
begin
  if address is not null then
    -- Behind one address there may be an office; behind an account is one user.
    wait := latchkey.take_attempt('address', address, 10 * free);
  end if;
  if wait = 0 then
    wait := latchkey.take_attempt('account', account, free);
    if wait > 0 and address is not null then
      perform latchkey.give_attempt_back('address', address);
    end if;
  end if;
  return wait;
end
$$;

comment on function latchkey.attempt(text, text) is
  'Whether a password may be tried now for this account from this client address (null where it is not known): 0, and the attempt counts as failed until settle_attempt says otherwise; or the seconds to wait. Knows nothing of which accounts exist. Security definer: reads settings and writes login_attempts.';

-- schemas/functions/attempt_key.sql

-- Under which key attempts are counted. An IPv6 client has a whole /64 to take
-- addresses from, so that is what counts; an IPv4 address in IPv6's clothes is
-- the IPv4 address.

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
  'sha256 of an account (an e-mail address or phone number as the functions normalise it) or of a client address (IPv6 by its /64).';

-- schemas/functions/auth_password_changed.sql

-- Auth changes the password and deletes the sessions in one transaction, in
-- this order: a note that lives as long as the transaction tells the trigger
-- above why.

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
  'Trigger on auth.users: notes, for this transaction, whose password changes, so that the sessions it ends get that reason. Security definer: runs as Auth''s role.';

create or replace trigger latchkey_auth_password_changed
  after update on auth.users
  for each row
  execute function latchkey.auth_password_changed();

-- schemas/functions/auth_session_deleted.sql

-- Sign-outs that Supabase Auth does itself. These triggers ride on Auth's own
-- statements, as Auth's role: whatever goes wrong in them must not make a
-- login, a logout or a password change fail. So each body is one guarded call,
-- none waits long for a lock, and none names a column in its definition: that
-- would keep an upgrade of Auth from altering the column. (A trigger on a table of
-- another owner cannot be commented; the functions are.)

create function latchkey.auth_session_deleted()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
begin
  update latchkey.refresh_tokens t
  set revoked_at = now(),
      revoked_reason = case
        when not exists (
          select from auth.users u where u.id = old.user_id and u.deleted_at is null
        ) then 'user_deleted'
        when current_setting('latchkey.password_changed_by', true) = old.user_id::text
          then 'password_changed'
        else 'signed_out'
      end
  where t.session_id = old.id
    and t.revoked_at is null
    and now() < t.expires_at
    and now() < t.idle_expires_at;
  return null;
exception when others then
  raise warning 'latchkey: a session that Auth ended was not revoked: %', sqlerrm;
  return null;
end
$$;

comment on function latchkey.auth_session_deleted() is
  'Trigger on auth.sessions: a session that Supabase Auth deletes (sign-out, password change, deleted user) is revoked, with the reason. Security definer: runs as Auth''s role, which may not write refresh_tokens.';

create or replace trigger latchkey_auth_session_deleted
  after delete on auth.sessions
  for each row
  execute function latchkey.auth_session_deleted();

-- schemas/functions/auth_user_banned.sql

-- Auth keeps the sessions of a banned user, and they would work again when the
-- ban ends. Here a ban ends them.

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
    or coalesce(new.banned_until <= now(), true) then
    return null;
  end if;
  perform latchkey.end_sessions(
    array(select s.id from auth.sessions s where s.user_id = new.id
          union
          select t.session_id from latchkey.refresh_tokens t
          where t.user_id = new.id and t.revoked_at is null),
    'banned'
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

-- A token of another issuer may carry anything in this claim, and a policy
-- that raises hides the rows of a query behind an error.

create function latchkey.caller_session_id()
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  claim constant text := auth.jwt() ->> 'session_id';
begin
  return case
    when claim ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then claim::uuid
  end;
end
$$;

comment on function latchkey.caller_session_id() is
  'The claim session_id of the request''s access token; null where it is missing or no UUID.';

-- schemas/functions/check_custom_access_token_hook.sql

-- A name with a typing error would keep everybody from signing in.

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
  'Trigger: the hook that is set must exist.';

create trigger custom_access_token_hook_exists
  before insert or update on latchkey.settings
  for each row
  when (new.custom_access_token_hook is not null)
  execute function latchkey.check_custom_access_token_hook();
comment on trigger custom_access_token_hook_exists on latchkey.settings is
  'A hook that does not exist is refused when it is set, not when somebody signs in.';

-- schemas/functions/check_request.sql

-- The live check for the whole Data API, with no policy changed:
--
--   alter role authenticator set pgrst.db_pre_request = 'latchkey.check_request';
--   notify pgrst, 'reload config';
--
-- It runs before every request, so it looks once, by primary key, at what
-- Latchkey itself knows. What it does not manage is not its business: there
-- session_active() asks Supabase Auth's tables.

create function latchkey.check_request()
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  caller constant uuid := latchkey.caller_session_id();
  reason text;
begin
  if caller is not null then
    select case
        when t.revoked_at is not null then t.revoked_reason
        when now() >= least(t.expires_at, t.idle_expires_at) then 'expired'
      end
    into reason
    from latchkey.refresh_tokens t
    where t.session_id = caller;
    if found and reason is null then
      return;
    end if;
  end if;

  if reason is not null then
    perform latchkey.unauthorized(
      'token_revoked', 'invalid_token', 'The session was ended: sign in again.', reason, ''
    );
  elsif auth.jwt() ->> 'role' not in ('anon', 'service_role')
    and (select s.strict from latchkey.settings s) then
    -- Not token_revoked: nothing has ended, and a client that signs out and in
    -- again the same way would be where it was.
    perform latchkey.unauthorized(
      'invalid_jwt_claims', 'invalid_token',
      'The claim session_id of the access token names no session that Latchkey manages: sign in at /login.',
      null, ''
    );
  end if;
end
$$;

comment on function latchkey.check_request() is
  'For PostgREST''s db_pre_request: answers 401 token_revoked, with the reason as details, to a session that Latchkey manages and that is over; with the setting strict also 401 invalid_jwt_claims to one that it does not manage. Security definer: reads refresh_tokens and settings, which its callers may not.';

-- schemas/functions/claims.sql

-- The claims of an access token: of the user and the session, read fresh at every
-- refresh so that a change of role or metadata is in the next token; the times by
-- the database's clock; then the changes of the project's hook.

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
  ) || case
    when issuer is null then '{}'  -- The functions add it.
    else jsonb_build_object('iss', issuer)
  end;
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
  'The claims of an access token, as Supabase Auth''s, after the project''s hook. authentication_method: how the user signed in, or token_refresh, for the hook.';

-- schemas/functions/drop_auth_refresh_token.sql

-- Two refresh tokens for one session would be two ways to steal it. Those of
-- Supabase Auth are made worthless, and nothing is deleted: Auth goes on
-- knowing the session, and its user can verify a second factor.

create function latchkey.drop_auth_refresh_token(session_id uuid)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Tokens of Auth's version 2 are a counter signed with a key of the session,
  -- and Auth refuses a counter that is ahead of its own; below zero every one
  -- is, also the one that it hands out when a factor is verified. A session of
  -- version 1 gets a key, so that Auth takes it for one of version 2 there: for
  -- version 1 it would need a token that still stands. First, because it waits
  -- for a refresh of Auth's that is under way.
  begin
    update auth.sessions s
    set refresh_token_hmac_key = coalesce(s.refresh_token_hmac_key, translate(
          rtrim(encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid(), 'UTF8')), 'base64'), '='),
          '+/', '-_'
        )),
        refresh_token_counter = -(2::bigint ^ 62)::bigint
    where s.id = drop_auth_refresh_token.session_id;
  exception
    when undefined_column then
      null;  -- An Auth that knows version 1 only.
    when others then
      raise warning 'latchkey: Supabase Auth''s refresh token (version 2) goes on working: %', sqlerrm;
  end;

  -- Revoked long ago: within Auth's reuse interval it would still be good. Those
  -- that Auth has replaced already are no different.
  begin
    update auth.refresh_tokens t
    set revoked = true, updated_at = 'epoch'
    where t.session_id = drop_auth_refresh_token.session_id;
  exception when others then
    raise warning 'latchkey: Supabase Auth''s refresh token (version 1) goes on working: %', sqlerrm;
  end;
end
$$;

comment on function latchkey.drop_auth_refresh_token(uuid) is
  'Makes Supabase Auth''s own refresh tokens of a session worthless, and keeps the session. Warns where it may not. Security definer: writes auth.sessions and auth.refresh_tokens.';

-- schemas/functions/end_sessions.sql

-- Ends sessions, of Latchkey's or only of Supabase Auth's, and counts them.

create function latchkey.end_sessions(
  session_ids uuid[],
  reason text,
  actor_session_id uuid default null,
  actor_ip text default null
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  managed integer;
  unmanaged integer;
begin
  perform latchkey.lock_sessions(session_ids);

  perform set_config('latchkey.actor_session_id', coalesce(actor_session_id::text, ''), true);
  perform set_config('latchkey.actor_ip', coalesce(actor_ip, ''), true);
  update latchkey.refresh_tokens t
  set revoked_at = now(), revoked_reason = end_sessions.reason
  where t.session_id = any (session_ids)
    and t.revoked_at is null
    and now() < t.expires_at
    and now() < t.idle_expires_at;
  get diagnostics managed = row_count;
  -- What ends later in this transaction was somebody else's doing.
  perform set_config('latchkey.actor_session_id', '', true);
  perform set_config('latchkey.actor_ip', '', true);

  -- The rows of the revoked ones are the trigger's to delete. What is left is
  -- of sessions that have run out, or that only Supabase Auth knows.
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

comment on function latchkey.end_sessions(uuid[], text, uuid, text) is
  'Ends the given sessions with a reason, notes who asked, and returns how many still stood. Internal: whoever calls it has decided already. Security definer: writes refresh_tokens and deletes from auth.sessions.';

-- schemas/functions/give_attempt_back.sql

-- The opposite of take_attempt: the attempt never was. The wait goes too,
-- because it followed from the attempt that is given back.

create function latchkey.give_attempt_back(kind text, identifier text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update latchkey.login_attempts a
  set failures = greatest(a.failures - 1, 0), blocked_until = null
  where a.kind = give_attempt_back.kind
    and a.key_hash = latchkey.attempt_key(give_attempt_back.kind, identifier);
end
$$;

comment on function latchkey.give_attempt_back(text, text) is
  'Takes one attempt of an account or an address back. Internal, see attempt and settle_attempt.';

-- schemas/functions/introspect.sql

-- RFC 7662 for refresh tokens: would refresh() take this one now? It only
-- looks: asking neither rotates a token nor ends a session, whatever is shown.

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
      'exp', floor(extract(epoch from least(t.expires_at, t.idle_expires_at))),
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
        -- A generation ahead: the database was restored, see refresh().
        t.generation <= introspect.generation
        or t.generation = introspect.generation + 1
          and now() <= t.rotated_at + make_interval(secs => s.reuse_interval_seconds)
      )
      and (latchkey.session_state(t.session_id, t.user_id)).outcome = 'active'
  );
end
$$;

comment on function latchkey.introspect(uuid, integer, bytea) is
  'What an authentic refresh token stands for, in the members of RFC 7662, or null where refresh() would not take it. Security definer: reads auth.users and refresh_tokens.';

-- schemas/functions/is_oauth_client.sql

-- An app that a user has let in, with Supabase Auth as its OAuth server, has a
-- session of its own there, which is no device of the user's.

create function latchkey.is_oauth_client(session_id uuid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Not every Auth has the column.
  return exists (
    select from auth.sessions s
    where s.id = is_oauth_client.session_id
      and to_jsonb(s) ->> 'oauth_client_id' is not null
  );
end
$$;

comment on function latchkey.is_oauth_client(uuid) is
  'Whether Supabase Auth made the session for an OAuth client. The claim client_id does not tell: Auth leaves it out where such a session has verified a second factor. Internal.';

-- schemas/functions/lock_sessions.sql

-- Locks rows of auth.sessions, before latchkey.refresh_tokens is touched.
--
-- Supabase Auth deletes sessions in an order of its own, so no order of ours
-- rules out a deadlock, and its sign-out must not be the one that fails. So we
-- never wait while we hold a lock: we take all or none, and try again.

create function latchkey.lock_sessions(session_ids uuid[])
returns void
language plpgsql
volatile
security definer
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
      -- Leaving this block has let go of what it had.
      if clock_timestamp() > patience then
        raise;
      end if;
    end;
    perform pg_sleep(0.01);
  end loop;
end
$$;

comment on function latchkey.lock_sessions(uuid[]) is
  'Locks the rows of these sessions in auth.sessions, all or none, within 1.5 seconds (else lock_not_available: nothing was done, try again). Security definer: locks in auth.sessions.';

-- schemas/functions/login.sql

-- Puts a session that Supabase Auth has just created under Latchkey. Auth has
-- checked the credentials; the ban is checked here too, because this is where a
-- session starts to last.
--
-- The rows in auth.users and auth.sessions are locked before anything else, in
-- the order in which the deletion of a user goes through them: either Auth waits
-- for us or we wait for Auth, never in a circle. Where there is a session limit,
-- sign-ins of one user run one after the other, and none waits longer than the
-- function waits for an answer.

create function latchkey.login(
  session_id uuid,
  secret_hash bytea,
  aal text,
  amr text,
  user_agent text,
  ip text,
  device_name text,
  issuer text default null
)
returns latchkey.session_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '3s'
as $$
#variable_conflict use_column
declare
  account auth.users;
  settings latchkey.settings;
  token latchkey.refresh_tokens;
  result latchkey.session_result;
begin
  -- As the foreign key will, which is too late.
  perform from auth.users u
  where u.id = (select s.user_id from auth.sessions s where s.id = login.session_id)
  for key share;
  perform from auth.sessions s where s.id = login.session_id for update;
  select u.* into account
  from auth.sessions s
  join auth.users u on u.id = s.user_id
  where s.id = login.session_id and u.deleted_at is null;
  if not found then
    result.outcome := 'unknown';
    return result;
  end if;
  if account.banned_until > now() then
    delete from auth.sessions s where s.id = login.session_id;
    result.outcome := 'banned';
    return result;
  end if;

  select s.* into strict settings from latchkey.settings s;
  if not latchkey.make_room(account.id, settings) then
    delete from auth.sessions s where s.id = login.session_id;
    result.outcome := 'refused';
    result.reason := 'session_limit';
    return result;
  end if;

  insert into latchkey.refresh_tokens
    (session_id, user_id, secret_hash, expires_at, idle_expires_at,
     aal, amr, user_agent, ip, device_name)
  values
    (login.session_id, account.id, login.secret_hash,
     now() + settings.absolute_timeout, now() + settings.idle_timeout,
     login.aal, login.amr::jsonb, left(login.user_agent, 512), login.ip::inet,
     login.device_name)
  returning * into token;
  perform latchkey.drop_auth_refresh_token(token.session_id);

  insert into latchkey.session_events
    (event, session_id, user_id, initiating_entity, ip, user_agent)
  values
    ('session_created', token.session_id, token.user_id, 'user', token.ip, token.user_agent);

  result.outcome := 'created';
  result.generation := token.generation;
  result.claims := latchkey.claims(token, account, settings, issuer, 'password');
  result.access_token_seconds := latchkey.access_token_seconds(result.claims);
  result.user_data := latchkey.user_data(account);
  return result;
end
$$;

comment on function latchkey.login(uuid, bytea, text, text, text, text, text, text) is
  'Starts a session: outcome created, banned, unknown, or refused with the limit as reason. Arguments are scalars (amr is JSON text, ip the text of an address); issuer is the claim iss. Security definer: reads auth tables and writes refresh_tokens.';

-- schemas/functions/make_room.sql

-- Exact under simultaneous logins: they pass here one by one, and only where a
-- limit is set. A lock of a number, because there is no row to lock that Auth
-- does not lock too.

create function latchkey.make_room(user_id uuid, settings latchkey.settings)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  standing uuid[];
  surplus uuid[];
begin
  if settings.sessions_per_user is null then
    return true;
  end if;
  perform pg_advisory_xact_lock(
    hashtextextended('latchkey.make_room ' || make_room.user_id, 0)
  );
  standing := array(
    select t.session_id from latchkey.refresh_tokens t
    where t.user_id = make_room.user_id
      and t.revoked_at is null
      and now() < t.expires_at
      and now() < t.idle_expires_at
      and exists (select from auth.sessions s where s.id = t.session_id)
    order by t.created_at desc, t.session_id
  );
  surplus := standing[settings.sessions_per_user:];
  if surplus <> '{}' and settings.at_session_limit = 'refuse' then
    return false;
  elsif surplus <> '{}' then
    perform latchkey.end_sessions(surplus, 'session_limit');
  end if;
  return true;
end
$$;

comment on function latchkey.make_room(uuid, latchkey.settings) is
  'Makes room for one more session of a user, until the transaction ends: true if there is some, false if the limit refuses it. Security definer: reads and ends sessions.';

-- schemas/functions/prepare_partitions.sql

-- The audit trail's partitions: this month's and the next three are made ahead,
-- and those that are older than settings.events_kept are dropped.
--
-- Both lock the table against writers for a moment. It waits for that only
-- briefly, because writers queue behind it; if it gets no turn it raises, has
-- done nothing, and events go to the default partition until the next try.

create function latchkey.prepare_partitions()
returns integer
language plpgsql
volatile
security definer
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
    -- No event of that month may be written elsewhere between the move and the
    -- attachment.
    lock table latchkey.session_events_default in access exclusive mode;
    execute format(
      'create table latchkey.%I
        (like latchkey.session_events including defaults including constraints)', name
    );
    execute format('alter table latchkey.%I enable row level security', name);
    -- A project's default privileges may have given it away.
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
  'Makes the audit trail''s partitions of this month and the next three, drops those older than settings.events_kept, and returns how many it made and dropped. Raises lock_not_available if the table is busy: try again. Security definer: only the owner makes tables.';

-- schemas/functions/prune.sql

-- Everything that is pruned, one line each.

create function latchkey.prune(batch integer default 5000)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'attempts', latchkey.prune_attempts(batch),
    'events', latchkey.prune_events(batch),
    'notices', latchkey.prune_notices(batch),
    'sessions', latchkey.prune_sessions(batch)
  );
end
$$;

comment on function latchkey.prune(integer) is
  'Removes at most one batch of everything that is over for longer than it is kept, and returns how many of each. Security definer: calls what the API roles may not.';

-- schemas/functions/prune_attempts.sql

-- Rows that count nothing any more. Guesses at made-up accounts make rows, so
-- the table grows with an attack and shrinks a day after it.

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
  'Deletes at most batch rows of login_attempts after a quiet day and returns how many. Waits for nobody. Internal: part of the upkeep.';

-- schemas/functions/prune_events.sql

-- Old months are dropped whole (prepare_partitions). What is old in the default
-- partition came from before there were months, or from a clock that was wrong.

create function latchkey.prune_events(batch integer default 5000)
returns integer
language plpgsql
volatile
security definer
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
  'Removes at most one batch of events older than settings.events_kept from the default partition, and returns how many. Security definer: writes session_events.';

-- schemas/functions/prune_notices.sql

-- Notices that are settled are kept as long as the sessions they are about.

create function latchkey.prune_notices(batch integer default 5000)
returns integer
language plpgsql
volatile
security definer
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
  'Removes at most one batch of notices that were settled longer ago than settings.ended_sessions_kept, and returns how many. Security definer: writes the outbox.';

-- schemas/functions/prune_sessions.sql

-- Removes the rows of sessions that are over for longer than they are kept.
-- Nothing locks such a row but a pruning, a deleted user, and Supabase Auth when
-- it deletes the session: what one of them holds is skipped, so nobody waits.
--
-- Rotation moves idle_expires_at, so no index may name it, and this reads the
-- table: one sequential scan per pruning.

create function latchkey.prune_sessions(batch integer default 5000)
returns integer
language plpgsql
volatile
security definer
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

  -- Auth's rows first, as everywhere; and none may outlive the row here: it
  -- would look like a session that Latchkey never managed, and stand again.
  delete from auth.sessions a
  where a.id in (
    select s.id from auth.sessions s where s.id = any (ended) for update skip locked
  );
  delete from latchkey.refresh_tokens t
  where t.session_id in (
    select r.session_id
    from latchkey.refresh_tokens r
    where r.session_id = any (ended)
      and not exists (select from auth.sessions a where a.id = r.session_id)
    for update of r skip locked
  );
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_sessions(integer) is
  'Removes at most one batch of the sessions, and what Supabase Auth may have left of them, that were revoked or ran out longer ago than settings.ended_sessions_kept, and returns how many. What stands is never touched. Security definer: writes refresh_tokens and deletes from auth.sessions.';

-- schemas/functions/refresh.sql

-- Rotation. The happy path is one statement: match, step the generation, move
-- the idle end, and read the claims, all on the locked row. Of simultaneous
-- calls one steps; the others wait for its row lock, match nothing, and find
-- themselves one generation behind, inside the reuse interval.
--
-- The function has checked the token's HMAC before it calls: what arrives here
-- is authentic, so a generation that is over is a token that was replaced. A
-- generation ahead of the table means that the database lost commits (it was
-- restored from a backup); its holder has the newest token, so it rotates.
--
-- Nobody waits long for the row: a call that were to commit seconds after its
-- caller gave up would use up the reuse interval of the retry. For the same
-- reason rotated_at is the clock's time and not the transaction's.

create function latchkey.refresh(
  session_id uuid,
  generation integer,
  secret_hash bytea,
  issuer text default null,
  actor_ip text default null
)
returns latchkey.session_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1500ms'
as $$
#variable_conflict use_column
declare
  result latchkey.session_result;
  state latchkey.session_state_result;
  token latchkey.refresh_tokens;
  account auth.users;
  settings latchkey.settings;
begin
  update latchkey.refresh_tokens t
  set generation = refresh.generation + 1,
      rotated_at = clock_timestamp(),
      idle_expires_at = now() + s.idle_timeout,
      aal = coalesce(a.aal::text, t.aal),
      amr = coalesce(latchkey.amr(t.session_id), t.amr)
  from auth.sessions a, auth.users u, latchkey.settings s
  where t.session_id = refresh.session_id
    and t.secret_hash = refresh.secret_hash
    and t.generation <= refresh.generation
    and t.revoked_at is null
    and now() < t.expires_at
    and now() < t.idle_expires_at
    and a.id = t.session_id
    and u.id = t.user_id
    and u.deleted_at is null
    and (u.banned_until is null or u.banned_until <= now())
  returning 'rotated', null, t.generation, null,
    latchkey.claims(t, u, s, refresh.issuer, 'token_refresh'),
    latchkey.user_data(u)
  into result;
  if found then
    result.access_token_seconds := latchkey.access_token_seconds(result.claims);
    return result;
  end if;

  -- Not the current token of a session that stands. Look again, with eyes that
  -- see what others have committed meanwhile, to say why.
  select t.* into token
  from latchkey.refresh_tokens t
  where t.session_id = refresh.session_id and t.secret_hash = refresh.secret_hash;
  if not found then
    result.outcome := 'unknown';
    return result;
  end if;

  state := latchkey.session_state(token.session_id, token.user_id);
  result.outcome := state.outcome;
  result.reason := state.reason;
  if state.outcome = 'revoked' and token.revoked_at is null then
    -- A trigger of ours has missed it: they never fail what they ride on.
    perform latchkey.end_sessions(array[token.session_id], state.reason);
  end if;
  if state.outcome <> 'active' then
    return result;
  end if;

  select u.* into account from auth.users u where u.id = token.user_id;
  select s.* into strict settings from latchkey.settings s;
  if token.generation <= refresh.generation then
    -- What stood in the way has gone between the two looks.
    return latchkey.refresh(
      refresh.session_id, refresh.generation, refresh.secret_hash, refresh.issuer, actor_ip
    );
  elsif token.generation = refresh.generation + 1
    and now() <= token.rotated_at + make_interval(secs => settings.reuse_interval_seconds) then
    result.outcome := 'repeated';
    result.generation := token.generation;
    result.claims := latchkey.claims(
      token, account, settings, refresh.issuer, 'token_refresh'
    );
    result.access_token_seconds := latchkey.access_token_seconds(result.claims);
    result.user_data := latchkey.user_data(account);
    return result;
  end if;

  perform latchkey.end_sessions(
    array[token.session_id], 'reuse', token.session_id, actor_ip
  );
  result.outcome := 'reused';
  result.reason := null;
  return result;
end
$$;

comment on function latchkey.refresh(uuid, integer, bytea, text, text) is
  'Rotates a refresh token: outcome rotated or repeated with the generation of the successor, else reused (the session was just revoked), revoked, expired or unknown. issuer is the claim iss. Security definer: reads auth tables and writes refresh_tokens.';

-- schemas/functions/revoke.sql

-- A user ends sessions, named by the session that asks. That session must
-- stand: an ended one may not end others.

create function latchkey.revoke(
  caller_session_id uuid,
  user_id uuid,
  scope text,
  session_id uuid,
  actor_ip text default null
)
returns latchkey.revoke_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  state latchkey.session_state_result;
  own uuid[] := array(
    select s.id from auth.sessions s where s.user_id = revoke.user_id
    union
    select t.session_id from latchkey.refresh_tokens t where t.user_id = revoke.user_id
  );
  ended integer := 0;
begin
  -- Of two devices that end each other at once, the second finds itself ended.
  perform latchkey.lock_sessions(own);
  state := latchkey.session_state(caller_session_id, user_id);
  if state.outcome <> 'active' then
    return (state.outcome, state.reason, null)::latchkey.revoke_result;
  end if;
  if caller_session_id is distinct from
      coalesce(revoke.session_id, case scope when 'local' then caller_session_id end)
    and latchkey.is_oauth_client(caller_session_id) then
    return ('oauth_client', null, null)::latchkey.revoke_result;
  end if;

  if revoke.session_id is not null then
    -- Somebody else's and one that never was are answered alike.
    if not revoke.session_id = any (own) then
      return ('forbidden', null, null)::latchkey.revoke_result;
    end if;
    own := array[revoke.session_id];
  elsif scope = 'local' then
    own := array[caller_session_id];
  elsif scope = 'others' then
    own := array_remove(own, caller_session_id);
  elsif scope is distinct from 'global' then
    raise exception 'scope is local, others or global, not %', scope
      using errcode = 'invalid_parameter_value';
  end if;

  -- The other devices first: their reason differs from the caller's own.
  if array_remove(own, caller_session_id) <> '{}' then
    ended := latchkey.end_sessions(
      array_remove(own, caller_session_id), 'user', caller_session_id, actor_ip
    );
  end if;
  if caller_session_id = any (own) then
    ended := ended + latchkey.end_sessions(
      array[caller_session_id], 'signed_out', caller_session_id, actor_ip
    );
  end if;
  return ('done', null, ended)::latchkey.revoke_result;
end
$$;

comment on function latchkey.revoke(uuid, uuid, text, uuid, text) is
  'Ends sessions of the calling user: one by its id, or by scope local, others or global, where scope is as in Supabase Auth''s sign-out. Outcome done, forbidden, oauth_client (which ends no session but its own), or where the caller''s own session stands when it is over. Security definer: reads auth.sessions and writes refresh_tokens.';

-- schemas/functions/revoke_by_admin.sql

-- An administrator ends one session, or all of one user.

create function latchkey.revoke_by_admin(
  user_id uuid,
  session_id uuid,
  reason text,
  actor_ip text default null
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  ended integer;
begin
  perform set_config('latchkey.by_admin', 'true', true);
  ended := latchkey.end_sessions(
    array(
      select s.id from auth.sessions s
      where s.user_id = revoke_by_admin.user_id or s.id = revoke_by_admin.session_id
      union
      select t.session_id from latchkey.refresh_tokens t
      where (t.user_id = revoke_by_admin.user_id or t.session_id = revoke_by_admin.session_id)
        and t.revoked_at is null
    ),
    revoke_by_admin.reason, null, actor_ip
  );
  perform set_config('latchkey.by_admin', '', true);
  return ended;
end
$$;

comment on function latchkey.revoke_by_admin(uuid, uuid, text, text) is
  'Ends every session of a user, or one session, with a reason, and returns how many ended. For administrators: asks nothing of the session. Security definer: reads auth.sessions and writes refresh_tokens.';

-- schemas/functions/revoke_max_age_seconds.sql

-- For /revoke, which knows the access token's amr claim and not the setting.

create function latchkey.revoke_max_age_seconds()
returns integer
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select extract(epoch from s.revoke_max_age)::integer from latchkey.settings s);
end
$$;

comment on function latchkey.revoke_max_age_seconds() is
  'The setting revoke_max_age in seconds; null where there is none. Security definer: reads settings, which its callers may not.';

-- schemas/functions/revoke_session.sql

-- revoke() by id for supabase-js: rpc('revoke_session', { session_id }).
--
-- The Data API has verified the token, so its amr claim can be trusted here. The
-- recency rule is checked before anything is looked up, so that another user's id,
-- an unknown one and the caller's own get the same answer; it raises, because the
-- boolean has no room for it and nothing was written.

create function latchkey.revoke_session(session_id uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  caller constant uuid := latchkey.caller_session_id();
  max_age constant integer := latchkey.revoke_max_age_seconds();
  authenticated_at constant numeric := (
    select max(case jsonb_typeof(t) when 'number' then t::numeric end)
    from jsonb_path_query(auth.jwt(), 'lax $.amr[*].timestamp') t
  );
begin
  if max_age is not null
    and revoke_session.session_id is distinct from caller
    and extract(epoch from now()) - coalesce(authenticated_at, 0) > max_age then
    perform latchkey.unauthorized(
      'reauthentication_required', 'insufficient_user_authentication',
      'The sign-in is too long ago for this: sign in again, then retry.',
      null, format(', max_age="%s"', max_age)
    );
  end if;
  if revoke_session.session_id is null then
    return false;
  end if;
  return coalesce(
    (latchkey.revoke(caller, auth.uid(), null, revoke_session.session_id)).revoked > 0,
    false
  );
end
$$;

comment on function latchkey.revoke_session(uuid) is
  'Ends a session of the caller: true if it did, false if there was nothing to end (unknown, somebody else''s, over already, or the caller''s own session is over). Answers 401 reauthentication_required where the setting revoke_max_age asks for a more recent sign-in. Security definer: calls revoke, which the API roles may not.';

-- schemas/functions/revoke_token.sql

-- RFC 7009: whoever holds a refresh token of the session, of any generation,
-- may end it.

create function latchkey.revoke_token(
  session_id uuid,
  secret_hash bytea,
  actor_ip text default null
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if exists (
    select from latchkey.refresh_tokens t
    where t.session_id = revoke_token.session_id
      and t.secret_hash = revoke_token.secret_hash
      and t.revoked_at is null
  ) then
    return latchkey.end_sessions(
      array[revoke_token.session_id], 'signed_out', revoke_token.session_id, actor_ip
    );
  end if;
  return 0;
end
$$;

comment on function latchkey.revoke_token(uuid, bytea, text) is
  'Ends the session of an authentic refresh token and returns how many ended: 1 or 0. Security definer: writes refresh_tokens.';

-- schemas/functions/run_custom_access_token_hook.sql

-- A hook that refuses, fails or takes too long raises here: that undoes the
-- rotation it was asked for, so the caller's token is still the current one. A
-- refusal returned as a word would have used it up.

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
  -- A hook with an empty search_path would take the type names of the session's
  -- temporary schema, and with them its caller's code, which then runs as the
  -- owner of the functions that call this one.
  if pg_my_temp_schema() <> 0 and exists (
    select from pg_catalog.pg_type mine
    join pg_catalog.pg_type system
      on system.typname = mine.typname and system.typnamespace = 'pg_catalog'::regnamespace
    where mine.typnamespace = pg_my_temp_schema()
  ) then
    raise exception 'types in pg_temp shadow those of pg_catalog: the custom access token hook is not called'
      using errcode = 'insufficient_privilege';
  end if;

  execute format('select %s($1)', hook) into answer using event;
  if clock_timestamp() - start > interval '2 seconds' then
    -- Nobody waits for the answer any more.
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
  -- Supabase Auth's own schema of a token.
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
  -- Whose token it is, and of which session, is not the hook's to say.
  if claims -> 'sub' <> given -> 'sub' or claims -> 'session_id' <> given -> 'session_id' then
    raise exception 'the custom access token hook changed sub or session_id';
  end if;
  -- A hook that reckons with extract(epoch from …) gives a fraction.
  expires_at := floor(least((claims ->> 'exp')::numeric, (given ->> 'exp')::numeric));
  -- A client would ask for the next token at once, for ever.
  if expires_at <= (given ->> 'iat')::bigint and expires_at < (given ->> 'exp')::bigint then
    raise exception 'the custom access token hook set exp to a time that is over';
  end if;
  return claims || jsonb_build_object('exp', expires_at);
end
$$;

comment on function latchkey.run_custom_access_token_hook(text, jsonb) is
  'Runs the hook on Supabase Auth''s event and returns the claims it gives. Raises LK403 with the hook''s message (and its HTTP status as detail) where it refuses, and another error where it is broken. It may shorten exp and never prolong it.';

-- schemas/functions/schedule_upkeep.sql

-- Has upkeep done by itself where pg_cron is installed. A project that installs
-- it later calls this once more.

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
  'Schedules latchkey.upkeep() with pg_cron, every ten minutes, and says in words whether it could.';

-- schemas/functions/session_active.sql

-- The live check for policies. Written apart from session_state() because it
-- runs in every query of an app that asks it: three index lookups, one plan.

create function latchkey.session_active()
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  caller constant uuid := latchkey.caller_session_id();
begin
  return exists (
      select from auth.sessions s
      join auth.users u on u.id = s.user_id
      where s.id = caller
        and u.deleted_at is null
        and (u.banned_until is null or u.banned_until <= now())
    )
    and not exists (
      select from latchkey.refresh_tokens t
      where t.session_id = caller
        and (t.revoked_at is not null
          or now() >= t.expires_at
          or now() >= t.idle_expires_at)
    );
end
$$;

comment on function latchkey.session_active() is
  'True while the caller''s session stands; for policies, as (select latchkey.session_active()), which asks once per statement. Also right for sessions that Latchkey does not manage. Security definer: reads auth.sessions, which its callers may not.';

-- schemas/functions/session_ended.sql

-- The one place where every way out meets: revoked_at becomes not null, or a
-- row that still stood is deleted. Writes the event, deletes the row in
-- auth.sessions so that Supabase Auth's own endpoints refuse the token too,
-- and tells the connected clients.
--
-- It also runs inside Auth's own transactions (a deleted user takes the rows
-- along), and the end of the session counts for more than the news of it: so
-- each effect may fail alone, with a warning in the database's log.

create function latchkey.session_ended()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  reason constant text := case
    when tg_op = 'UPDATE' then new.revoked_reason
    when now() >= least(old.expires_at, old.idle_expires_at) then 'expired'
    when not exists (select from auth.users u where u.id = old.user_id) then 'user_deleted'
    else 'admin'
  end;
  -- CAEP's initiating_entity. An administrator may give any reason, and stays one.
  initiator constant text := case
    when current_setting('latchkey.by_admin', true) = 'true' then 'admin'
    when reason in ('signed_out', 'user', 'password_changed') then 'user'
    when reason in ('reuse', 'session_limit', 'expired') then 'policy'
    else 'admin'
  end;
  payload constant jsonb := jsonb_build_object(
    'session_id', old.session_id,
    'user_id', old.user_id,
    'reason', reason,
    'initiating_entity', initiator,
    'event_timestamp', round(extract(epoch from clock_timestamp()), 3)
  );
begin
  begin
    delete from auth.sessions s where s.id = old.session_id;
  exception when others then
    raise warning 'latchkey: the auth.sessions row of an ended session stays: %', sqlerrm;
  end;

  begin
    insert into latchkey.session_events
      (created_at, event, session_id, user_id, reason, initiating_entity, ip,
       user_agent, actor_session_id, actor_ip)
    values (
      -- It is noticed late, when the row is pruned.
      case reason
        when 'expired' then least(old.expires_at, old.idle_expires_at)
        else now()
      end,
      case reason
        when 'reuse' then 'authn_token_reuse'
        when 'expired' then 'session_expired'
        else 'authn_token_revoked'
      end,
      old.session_id, old.user_id, reason, initiator, old.ip, old.user_agent,
      nullif(current_setting('latchkey.actor_session_id', true), '')::uuid,
      nullif(current_setting('latchkey.actor_ip', true), '')::inet
    );
  exception when others then
    raise warning 'latchkey: the event of an ended session was not written: %', sqlerrm;
  end;

  if reason = 'expired' then
    return null;  -- It ended by itself, before now; there is no news to send.
  end if;
  begin
    insert into latchkey.outbox
      (receiver_id, session_id, user_id, reason, initiating_entity)
    select r.id, old.session_id, old.user_id, reason, initiator
    from latchkey.receivers r
    where r.enabled;
  exception when others then
    raise warning 'latchkey: other services are not told of the end of a session: %', sqlerrm;
  end;
  begin
    perform realtime.send(payload, 'session-revoked', 'session:' || old.session_id, true);
    perform realtime.send(payload, 'session-revoked', 'user:' || old.user_id, true);
  exception when others then
    raise warning 'latchkey: the end of a session was not broadcast: %', sqlerrm;
  end;

  return null;
end
$$;

comment on function latchkey.session_ended() is
  'Trigger: what follows when a session ends for good. Security definer: deletes from auth.sessions and sends on Realtime, whoever ended the session.';

create trigger session_revoked
  after update of revoked_at on latchkey.refresh_tokens
  for each row
  when (old.revoked_at is null and new.revoked_at is not null)
  execute function latchkey.session_ended();
comment on trigger session_revoked on latchkey.refresh_tokens is
  'A session was revoked.';

create trigger session_deleted
  after delete on latchkey.refresh_tokens
  for each row
  when (old.revoked_at is null)
  execute function latchkey.session_ended();
comment on trigger session_deleted on latchkey.refresh_tokens is
  'The row of a session that was not revoked was deleted.';

-- schemas/functions/session_list.sql

-- What a list of devices shows, in one place.

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
        least(t.expires_at, t.idle_expires_at) as expires_at,
        t.user_agent, host(t.ip) as ip, t.device_name,
        t.session_id is not distinct from current_session_id as current
      from latchkey.refresh_tokens t
      where t.user_id = session_list.user_id
        and t.revoked_at is null
        and now() < t.expires_at
        and now() < t.idle_expires_at
      order by t.rotated_at desc, t.session_id
      limit 1000
    ) s
  );
end
$$;

comment on function latchkey.session_list(uuid, uuid) is
  'A user''s sessions that stand, the last used first, at most 1000. Internal: whoever calls it has decided already.';

-- schemas/functions/session_state.sql

-- Where a user's session stands, from the tables and not from a token. A session
-- that Latchkey does not manage stands for as long as Supabase Auth keeps its
-- row. A session of somebody else does not stand.

create function latchkey.session_state(session_id uuid, user_id uuid)
returns latchkey.session_state_result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  token latchkey.refresh_tokens;
  account auth.users;
  state latchkey.session_state_result;
  auth_session_exists constant boolean := exists (
    select from auth.sessions s
    where s.id = session_state.session_id and s.user_id = session_state.user_id
  );
begin
  select t.* into token
  from latchkey.refresh_tokens t
  where t.session_id = session_state.session_id and t.user_id = session_state.user_id;
  select u.* into account from auth.users u where u.id = session_state.user_id;

  if token.revoked_at is not null then
    state := ('revoked', token.revoked_reason);
  elsif now() >= least(token.expires_at, token.idle_expires_at) then
    state := ('expired', case
      when token.idle_expires_at < token.expires_at then 'idle' else 'absolute'
    end);
  elsif account.id is null or account.deleted_at is not null then
    state := ('revoked', 'user_deleted');
  elsif account.banned_until > now() then
    state := ('revoked', 'banned');
  elsif not auth_session_exists then
    -- Only Supabase Auth knew it; or the trigger on auth.sessions, which never
    -- fails a sign-out, has missed one: what Auth ended has ended.
    state := ('revoked', 'signed_out');
  else
    state.outcome := 'active';
  end if;
  return state;
end
$$;

comment on function latchkey.session_state(uuid, uuid) is
  'The live check for functions: active, revoked or expired, with the reason. Security definer: reads auth tables, which its callers may not.';

-- schemas/functions/sessions.sql

-- The list for `GET /sessions`, from the one place that reads it.

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
  'A user''s sessions that stand, the last used first, at most 1000, for one of them that asks. Security definer: reads refresh_tokens.';

-- schemas/functions/sessions_by_admin.sql

-- The same list, for an administrator.

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
  'A user''s sessions that stand, the last used first, at most 1000; none of them is the current one. For administrators: asks for no session. Security definer: reads refresh_tokens.';

-- schemas/functions/settle_attempt.sql

-- Told how an attempt ended, unless the password was wrong: that is counted
-- already. A success clears the account's count, but of the address it takes
-- back only this attempt: else one good sign-in of an attacker's own would buy
-- the next guesses. Locks in the order of attempt.

create function latchkey.settle_attempt(account text, address text, succeeded boolean)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if address is not null then
    perform latchkey.give_attempt_back('address', address);
  end if;
  if succeeded then
    delete from latchkey.login_attempts a
    where a.kind = 'account' and a.key_hash = latchkey.attempt_key('account', account);
  else
    perform latchkey.give_attempt_back('account', account);
  end if;
end
$$;

comment on function latchkey.settle_attempt(text, text, boolean) is
  'Ends an attempt that latchkey.attempt allowed: the password was right (succeeded), or was never tried. Security definer: writes login_attempts.';

-- schemas/functions/settle_notice.sql

-- What came of sending a notice. One that failed is due again already, since it
-- was taken; after three days it is given up, and stays to be seen.

create function latchkey.settle_notice(id uuid, outcome text, answer text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  settled text;
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
  returning coalesce(o.outcome, 'failed') into settled;
  return settled;
end
$$;

comment on function latchkey.settle_notice(uuid, text, text) is
  'Writes down what came of a notice: delivered, refused (for good) or failed, which is tried again for three days, then given_up. Returns what it is now, or null if it was settled before. Security definer: writes the outbox.';

-- schemas/functions/take_attempt.sql

-- Takes one attempt off one counter, or says how long to wait. An attempt
-- counts as failed from its start, under the row's lock: of any number of
-- simultaneous guesses only as many get through as the counter allows.

create function latchkey.take_attempt(kind text, identifier text, free_attempts integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  key constant bytea := latchkey.attempt_key(take_attempt.kind, identifier);
  known latchkey.login_attempts;
  wait integer;
begin
  -- A flood that must wait anyway costs one look each, no lock and no write.
  select ceil(extract(epoch from a.blocked_until - clock_timestamp())) into wait
  from latchkey.login_attempts a
  where a.kind = take_attempt.kind and a.key_hash = key;
  if wait > 0 then
    return wait;
  end if;

  -- Makes the row or locks it, also where another one deletes it meanwhile.
  insert into latchkey.login_attempts as a (kind, key_hash)
  values (take_attempt.kind, key)
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
          -- The exponent's bound keeps the interval in its range.
          interval '1 second' * 2 ^ least(known.failures - free_attempts, 20)
        )
      end
  from latchkey.settings s
  where a.kind = known.kind and a.key_hash = known.key_hash;
  return 0;
end
$$;

comment on function latchkey.take_attempt(text, text, integer) is
  'Counts an attempt of an account or an address as failed and returns 0; or counts nothing and returns the seconds to wait. Internal, see attempt.';

-- schemas/functions/take_notices.sql

-- Takes notices to send, each for one caller at a time. Whoever takes one has
-- until its next due time, and whoever dies with it leaves a retry: lease and
-- retry are the same. The waits double from one minute to six hours.
--
-- A few per receiver: one that has a thousand waiting delays no other.

create function latchkey.take_notices(per_receiver integer, receiver_id uuid default null)
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
    select n.id, r.url, r.audience
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
    where r.enabled and r.id = coalesce(take_notices.receiver_id, r.id)
  ), leased as (
    update latchkey.outbox o
    set attempts = o.attempts + 1,
        due_at = clock_timestamp()
          + least(interval '1 minute' * 2 ^ least(o.attempts, 9), interval '6 hours')
    from due
    where o.id = due.id
    returning o.*, due.url, due.audience
  )
  select jsonb_agg(
    jsonb_build_object(
      'id', l.id,
      'receiver_id', l.receiver_id,
      'url', l.url,
      'audience', l.audience,
      'session_id', l.session_id,
      'user_id', l.user_id,
      'reason', l.reason,
      'initiating_entity', l.initiating_entity,
      'event_timestamp', round(extract(epoch from l.created_at), 3)
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
  'Takes the notices that are due, at most so many per receiver, for all receivers or one, as a JSON array; null where there is no receiver at all. Each comes again later if it is not settled. Security definer: reads and writes the outbox.';

-- schemas/functions/unauthorized.sql

-- The one place that knows PostgREST's form of an answer by exception: what the
-- Data API then answers is a 401 as the functions' own, but for its names:
-- PostgREST has message for error_description, and details for the reason.
--
-- Only for refusals that have written nothing: the exception rolls back.

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
  'Raises what PostgREST answers as 401, with a challenge (RFC 6750). Internal: error is the OAuth word, message holds neither quotes nor backslashes, parameters are further ones of the challenge.';

-- schemas/functions/upkeep.sql

-- What has to be done now and then. Safe at any time and any number of times at
-- once; ends within seconds whatever there is to do, and goes on at the next
-- call: through the Data API a statement has eight seconds.

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
    -- Events have the default partition meanwhile.
    raise warning 'latchkey: the partitions were not prepared: %', sqlerrm;
  end;

  loop
    pruned := latchkey.prune(batch);
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
  'Prepares partitions and prunes what is over, for some seconds at most, and returns how many of each. Security definer: calls what the API roles may not.';

-- schemas/functions/user_data.sql

-- What an app gets as session.user.

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

-- For apps: every column is harmless, so select * works.

create view latchkey.sessions
with (security_invoker = true)
as
select
  t.session_id,
  t.user_id,
  t.created_at,
  t.rotated_at as last_used_at,
  least(t.expires_at, t.idle_expires_at) as expires_at,
  t.aal,
  t.user_agent,
  t.ip,
  t.device_name,
  t.session_id = (select latchkey.caller_session_id()) as current
from latchkey.refresh_tokens t
where t.revoked_at is null
  and now() < t.expires_at
  and now() < t.idle_expires_at;
comment on view latchkey.sessions is
  'The caller''s active sessions, under the policies of refresh_tokens.';

-- schemas/policies/realtime_messages.sql

-- The channels session:<id> and user:<id>: their owner listens while the calling
-- session is active. There is no insert policy, so clients cannot send there.
-- Realtime checks with rows that carry topic and extension only. (A policy on a
-- table of another owner cannot have a comment.)

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

-- The first partitions, and the schedule where pg_cron is installed.

select latchkey.prepare_partitions();
select latchkey.schedule_upkeep();

-- schemas/grants.sql

-- Everything that any role may do in this schema, in one file. First it takes away
-- what the roles have by default: revoking from public alone leaves what a
-- project's default privileges gave to the API roles.

revoke all on schema latchkey from public, anon, authenticated, service_role, latchkey_functions;
revoke all on all tables in schema latchkey from public, anon, authenticated, service_role, latchkey_functions;
revoke all on all functions in schema latchkey from public, anon, authenticated, service_role, latchkey_functions;

grant usage on schema latchkey to anon, authenticated, service_role, latchkey_functions;

-- PostgREST calls it as the role of the request.
grant execute on function latchkey.check_request() to anon, authenticated, service_role;
-- For an app's policies; a caller without a session gets false.
grant execute on function latchkey.session_active() to anon, authenticated, service_role;

-- For supabase-js as the signed-in user; the view sessions calls caller_session_id().
grant execute on function latchkey.caller_session_id() to authenticated;
grant execute on function latchkey.revoke_session(uuid) to authenticated;
grant select (
  session_id, user_id, created_at, rotated_at, expires_at, idle_expires_at,
  aal, user_agent, ip, device_name, revoked_at, revoked_reason
) on latchkey.refresh_tokens to authenticated;
grant select on latchkey.sessions to authenticated;
grant select on latchkey.session_events to authenticated;

-- The Edge Functions: with the secret key through the Data API (service_role),
-- or on a connection of their own (latchkey_functions).
grant execute on function latchkey.adopt(uuid, uuid, bytea, bytea, text, text, text, text, text, text, bigint) to service_role, latchkey_functions;
grant execute on function latchkey.attempt(text, text) to service_role, latchkey_functions;
grant execute on function latchkey.introspect(uuid, integer, bytea) to service_role, latchkey_functions;
grant execute on function latchkey.login(uuid, bytea, text, text, text, text, text, text) to service_role, latchkey_functions;
grant execute on function latchkey.refresh(uuid, integer, bytea, text, text) to service_role, latchkey_functions;
grant execute on function latchkey.revoke(uuid, uuid, text, uuid, text) to service_role, latchkey_functions;
grant execute on function latchkey.revoke_by_admin(uuid, uuid, text, text) to service_role, latchkey_functions;
grant execute on function latchkey.revoke_max_age_seconds() to service_role, latchkey_functions;
grant execute on function latchkey.revoke_token(uuid, bytea, text) to service_role, latchkey_functions;
grant execute on function latchkey.session_state(uuid, uuid) to service_role, latchkey_functions;
grant execute on function latchkey.sessions(uuid, uuid) to service_role, latchkey_functions;
grant execute on function latchkey.sessions_by_admin(uuid) to service_role, latchkey_functions;
grant execute on function latchkey.settle_attempt(text, text, boolean) to service_role, latchkey_functions;
grant execute on function latchkey.settle_notice(uuid, text, text) to service_role, latchkey_functions;
grant execute on function latchkey.take_notices(integer, uuid) to service_role, latchkey_functions;

-- A scheduler outside the database, with the secret key.
grant execute on function latchkey.upkeep() to service_role;
