-- The error of a failed cast quotes the text, and the text may be a token.

create function latchkey.parse_uuid(text text)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when text ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then text::uuid
  end;
end
$$;

comment on function latchkey.parse_uuid(text) is
  'The text as a UUID; null if it is not a UUID.';
