create function latchkey.use_proof(proof_id bytea)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if use_proof.proof_id is null then
    return true;
  end if;
  insert into latchkey.used_proofs (proof_id) values (use_proof.proof_id)
  on conflict do nothing;
  return found;
end
$$;

comment on function latchkey.use_proof(bytea) is
  'Notes that a proof was used, and returns false if it was used before. null means no proof, which is always true. Internal.';
