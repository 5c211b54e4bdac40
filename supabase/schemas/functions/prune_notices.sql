-- Settled notices are kept as long as the sessions that they are about.

create function latchkey.prune_notices(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pruned integer;
begin
  delete from latchkey.outbox o
  where o.id in (
    select n.id
    from latchkey.outbox n
    cross join latchkey.settings s
    where n.settled_at < now() - s.ended_sessions_kept
    limit batch
    for update of n skip locked
  );
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_notices(integer) is
  'Removes at most one batch of notices that were settled longer ago than settings.ended_sessions_kept, and returns how many. Internal: part of the upkeep.';
