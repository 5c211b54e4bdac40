create function latchkey.access_token_seconds(claims jsonb)
returns integer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (claims ->> 'exp')::bigint - floor(extract(epoch from now()))::bigint;
end
$$;

comment on function latchkey.access_token_seconds(jsonb) is
  'How many seconds an access token with these claims is valid if it is issued now. Internal.';
