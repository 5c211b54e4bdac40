-- An answer of 503 promises that nothing was written, but neither the network nor
-- PostgREST stops a call whose caller has given up. So the functions that write check
-- the deadline before they begin, and again at their end, after every wait for a
-- lock. Only the commit follows. The deadline is in this server's time, which the
-- callers know from earlier answers.
--
-- The same functions set a statement_timeout. PostgREST applies a function's own
-- setting to the call, and so ends a call that can no longer meet the deadline.

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
  'Raises LK503, with this server''s time as detail, if the deadline has passed. Otherwise returns the time. null means no deadline, for calls by hand.';
