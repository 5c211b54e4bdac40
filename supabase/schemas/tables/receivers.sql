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
