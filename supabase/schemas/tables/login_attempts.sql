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
