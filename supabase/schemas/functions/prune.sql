create function latchkey.prune(batch integer default 5000)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'attempts', latchkey.prune_attempts(batch),
    'devices', latchkey.prune_devices(batch),
    'events', latchkey.prune_events(batch),
    'notices', latchkey.prune_notices(batch),
    'proofs', latchkey.prune_proofs(batch),
    'sessions', latchkey.prune_sessions(batch)
  );
end
$$;

comment on function latchkey.prune(integer) is
  'Deletes at most one batch of each kind of row whose retention period has ended, and returns the number of each. Internal: part of the upkeep.';
