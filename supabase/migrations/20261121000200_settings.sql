-- The knobs. One row, so that a change is one update, is seen by the next
-- statement and needs no redeploy.

create table latchkey.settings (
  singleton boolean primary key default true check (singleton),
  access_token_seconds integer not null default 900
    check (access_token_seconds between 60 and 86400),
  reuse_interval_seconds integer not null default 10
    check (reuse_interval_seconds between 0 and 60),
  idle_timeout interval not null default interval '30 days'
    check (idle_timeout between interval '5 minutes' and interval '3650 days'),
  absolute_timeout interval not null default interval '365 days'
    check (absolute_timeout between interval '5 minutes' and interval '3650 days')
);

comment on table latchkey.settings is
  'Latchkey''s settings, one row: update latchkey.settings set …; no redeploy needed.';
comment on column latchkey.settings.singleton is
  'Always true: there is one row.';
comment on column latchkey.settings.access_token_seconds is
  'Life of an access token in seconds. Whatever only looks at the token goes on trusting an ended session for at most this long.';
comment on column latchkey.settings.reuse_interval_seconds is
  'For how many seconds after its replacement a refresh token is an honest race or retry, and not theft.';
comment on column latchkey.settings.idle_timeout is
  'A session that is not refreshed for this long expires. Counted anew at each refresh.';
comment on column latchkey.settings.absolute_timeout is
  'A session expires this long after sign-in, however busy it is. Fixed at sign-in.';

insert into latchkey.settings default values;

alter table latchkey.settings enable row level security;
