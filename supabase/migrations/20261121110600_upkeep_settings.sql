-- How long what is over is kept.

alter table latchkey.settings
  add column ended_sessions_kept interval not null default interval '30 days'
    check (ended_sessions_kept between interval '1 day' and interval '3650 days'),
  add column events_kept interval not null default interval '1 year'
    check (events_kept between interval '1 month' and interval '100 years');

comment on column latchkey.settings.ended_sessions_kept is
  'For how long an ended session can still say why it ended; after that its tokens are unknown.';
comment on column latchkey.settings.events_kept is
  'For how long the audit trail reaches back; whole months are dropped.';
