-- Safe to call at any time, also from several places at the same time. A call ends
-- within seconds, however much there is to do, because a statement through the Data
-- API may take only eight seconds. The next call continues.

create function latchkey.upkeep()
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  batch constant integer := 5000;
  patience constant timestamptz := clock_timestamp() + interval '3 seconds';
  pruned jsonb;
  done jsonb := '{}';
begin
  begin
    done := jsonb_build_object('partitions', latchkey.prepare_partitions());
  exception when others then
    -- Until then, events go to the default partition.
    raise warning 'latchkey: the partitions were not prepared: %', sqlerrm;
  end;

  loop
    pruned := jsonb_build_object('expired', latchkey.expire_sessions(batch))
      || latchkey.prune(batch);
    select done || jsonb_object_agg(p.key, p.value::integer + coalesce((done ->> p.key)::integer, 0))
    into done
    from jsonb_each_text(pruned) p;
    exit when clock_timestamp() > patience
      or not exists (select from jsonb_each_text(pruned) p where p.value::integer >= batch);
  end loop;
  return done;
end
$$;

comment on function latchkey.upkeep() is
  'Prepares partitions, publishes the sessions that have expired and deletes rows whose retention period has ended, for a few seconds at most, and returns the number of each. Security definer: calls what the API roles may not.';
