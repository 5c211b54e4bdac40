-- prepare_partitions drops old months as a whole. Old rows in the default partition
-- are from months that had no partition, or from a time when the clock was wrong.

create function latchkey.prune_events(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pruned integer;
begin
  delete from latchkey.session_events_default e
  where (e.id, e.created_at) in (
    select d.id, d.created_at
    from latchkey.session_events_default d
    cross join latchkey.settings s
    where d.created_at < now() - s.events_kept
    limit batch
    for update of d skip locked
  );
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_events(integer) is
  'Removes at most one batch of events older than settings.events_kept from the default partition, and returns how many. Internal: part of the upkeep.';
