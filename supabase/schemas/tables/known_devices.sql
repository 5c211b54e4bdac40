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
