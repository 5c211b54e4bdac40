-- A token of another issuer may carry anything in this claim, and a policy that
-- raises would turn a query's rows into an error.

create function latchkey.caller_session_id()
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return latchkey.parse_uuid(auth.jwt() ->> 'session_id');
end
$$;

comment on function latchkey.caller_session_id() is
  'The claim session_id of the request''s access token; null where it is missing or not a UUID.';
