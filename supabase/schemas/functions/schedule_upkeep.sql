-- Schedules upkeep() where pg_cron is installed. A project that installs pg_cron later
-- calls this once more.

create function latchkey.schedule_upkeep()
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regprocedure('cron.schedule(text,text,text)') is null then
    return 'There is no pg_cron here: install it and call latchkey.schedule_upkeep() again, or have any scheduler call latchkey.upkeep() every ten minutes.';
  end if;
  -- A job of the same name is replaced.
  execute $job$
    select cron.schedule('latchkey-upkeep', '*/10 * * * *', 'select latchkey.upkeep()')
  $job$;
  return 'pg_cron calls latchkey.upkeep() every ten minutes.';
exception when insufficient_privilege then
  return 'This role may not use pg_cron: call latchkey.schedule_upkeep() as one that may.';
end
$$;

comment on function latchkey.schedule_upkeep() is
  'Schedules latchkey.upkeep() with pg_cron, every ten minutes, and returns a sentence that says whether it could.';
