-- A token of another issuer may have any value in this claim. If this function raised
-- an error in a policy, the whole query would fail.

create function latchkey.caller_session_id()
returns uuid
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return latchkey.parse_uuid(auth.jwt() ->> 'session_id');
end
$$;

comment on function latchkey.caller_session_id() is
  'The claim session_id of the request''s access token; null where it is missing or not a UUID. Security definer: a role of the project''s own may have no rights on schema auth.';
