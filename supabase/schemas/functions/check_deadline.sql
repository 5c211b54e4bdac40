-- An answer of 503 promises that nothing was written, and neither the network nor
-- PostgREST stops a call whose caller has given up. So the functions that write check
-- the deadline before they begin, and again at their end, after every wait for a lock:
-- only the commit follows. The deadline is by this server's clock, whose time the
-- callers know from earlier answers.
--
-- The same functions have a statement_timeout, which PostgREST applies because it
-- stands at the function: it ends what could not meet the deadline any more.

create function latchkey.check_deadline(deadline timestamptz)
returns timestamptz
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  database_time constant timestamptz := clock_timestamp();
begin
  if database_time >= deadline then
    raise exception 'the deadline has passed: nothing was written'
      using errcode = 'LK503', detail = to_jsonb(database_time) #>> '{}';
  end if;
  return database_time;
end
$$;

comment on function latchkey.check_deadline(timestamptz) is
  'Raises LK503, with this server''s time as detail, once the deadline has passed. Otherwise returns the time. null is no deadline, for calls by hand.';
