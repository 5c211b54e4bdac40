create function latchkey.client_on_desktop(client text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return replace(replace(client, ' on iOS', ' on macOS'), ' on Android', ' on Linux');
end
$$;

comment on function latchkey.client_on_desktop(text) is
  'What the browser of a phone or a tablet calls itself when it requests the desktop site of a page. Internal.';
