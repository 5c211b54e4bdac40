create function latchkey.clock()
returns timestamptz
language sql
volatile
set search_path = pg_catalog, pg_temp
return clock_timestamp();

comment on function latchkey.clock() is
  'This server''s time. An Edge Function that does not know it yet asks for it, to compute the deadline of its next call.';
