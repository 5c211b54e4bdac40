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
