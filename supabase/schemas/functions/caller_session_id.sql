-- A token of another issuer may carry anything in this claim, and a policy
-- that raises hides the rows of a query behind an error.

create function latchkey.caller_session_id()
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  claim constant text := auth.jwt() ->> 'session_id';
begin
  return case
    when claim ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then claim::uuid
  end;
end
$$;

comment on function latchkey.caller_session_id() is
  'The claim session_id of the request''s access token; null where it is missing or no UUID.';
