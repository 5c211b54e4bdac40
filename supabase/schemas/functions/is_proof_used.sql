create function latchkey.is_proof_used(proof_id bytea, proof_ids bytea)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return position(proof_id in proof_ids) > 0
    or exists (
      select from latchkey.used_proofs p where p.proof_id = is_proof_used.proof_id
    );
end
$$;

comment on function latchkey.is_proof_used(bytea, bytea) is
  'Whether a proof was used before: by one of the rotations that refresh_tokens.proof_ids names, or elsewhere. Internal.';
