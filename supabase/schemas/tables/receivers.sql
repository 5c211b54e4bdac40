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
  'The aud claim of its tokens, which tells the receiver that they are meant for it.';
comment on column latchkey.receivers.enabled is
  'While false, no new notices are queued for it, and queued ones wait.';
comment on column latchkey.receivers.created_at is 'When it was added.';
