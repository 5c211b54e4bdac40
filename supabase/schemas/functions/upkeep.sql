-- Safe to call at any time and from several places at once. It ends within seconds
-- however much there is to do, and the next call goes on: through the Data API a
-- statement has eight seconds.

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
    -- Events have the default partition meanwhile.
    raise warning 'latchkey: the partitions were not prepared: %', sqlerrm;
  end;

  loop
    pruned := latchkey.prune(batch);
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
  'Prepares partitions and prunes what is past its retention period, for some seconds at most, and returns how many of each. Security definer: calls what the API roles may not.';
