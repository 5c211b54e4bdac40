-- The error of a failed cast quotes the text, and the text may be a token.
--
-- These conditions cost a quarter of one pattern for the whole form, and
-- check_request() parses a claim before each request.

create function latchkey.parse_uuid(text text)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when text like '________-____-____-____-____________'
      and length(replace(text, '-', '')) = 32
      and text ~ '^[0-9a-fA-F-]+$'
    then text::uuid
  end;
end
$$;

comment on function latchkey.parse_uuid(text) is
  'The text as a UUID; null if it is not a UUID.';
