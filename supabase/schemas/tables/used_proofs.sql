-- The proofs with which sessions began, or with which a replaced refresh token was
-- exchanged once more. Rotation, which is much more frequent, notes its proof in the
-- session's own row (refresh_tokens.proof_ids).

create table latchkey.used_proofs (
  proof_id bytea primary key check (octet_length(proof_id) = 16),
  expires_at timestamptz not null default now() + interval '5 minutes'
);

-- Pruning finds the oldest without reading the rest.
create index used_proofs_expires_at_idx on latchkey.used_proofs (expires_at);

alter table latchkey.used_proofs enable row level security;

comment on table latchkey.used_proofs is
  'Proofs of a key (RFC 9449) that gave somebody tokens, so that a request that was copied gives none.';
comment on column latchkey.used_proofs.proof_id is
  'The first 16 bytes of sha256 of the claim jti.';
comment on column latchkey.used_proofs.expires_at is
  'By then the Edge Functions refuse the proof because of its age, on all clocks that are right to about a minute. Then prune_proofs deletes the row.';
comment on index latchkey.used_proofs_expires_at_idx is
  'Finds the rows that are old enough to delete.';
