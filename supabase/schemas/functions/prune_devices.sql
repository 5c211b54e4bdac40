create function latchkey.prune_devices(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pruned integer;
begin
  delete from latchkey.known_devices d
  using (
    select o.user_id, o.device_hash
    from latchkey.known_devices o
    where o.last_seen_at < now() - (select s.devices_kept from latchkey.settings s)
    order by o.last_seen_at
    limit batch
    for update skip locked
  ) old
  where d.user_id = old.user_id and d.device_hash = old.device_hash;
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_devices(integer) is
  'Deletes at most one batch of the devices on which nobody signed in for settings.devices_kept, and returns how many. Skips locked rows. Internal: part of the upkeep.';
