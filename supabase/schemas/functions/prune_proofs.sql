create function latchkey.prune_proofs(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pruned integer;
begin
  delete from latchkey.used_proofs p
  using (
    select o.proof_id from latchkey.used_proofs o
    where o.expires_at <= now()
    order by o.expires_at
    limit batch
    for update skip locked
  ) old
  where p.proof_id = old.proof_id;
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_proofs(integer) is
  'Deletes at most one batch of used_proofs that are too old to be accepted again, and returns how many. Skips locked rows. Internal: part of the upkeep.';
