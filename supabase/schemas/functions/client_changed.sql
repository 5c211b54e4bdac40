-- A phone or a tablet that requests the desktop site of a page names another platform:
-- macOS for iOS, and Linux for Android. That is no change. Nor is the first client of a
-- session whose client was not known, or a country that the gateway does not know.

create function latchkey.client_changed(
  token latchkey.refresh_tokens,
  settings latchkey.settings,
  client text,
  country text
)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if settings.on_client_change = 'ignore' then
    return false;
  end if;
  if settings.client_change <> 'country'
    and token.client is not null
    and token.client is distinct from client_changed.client
    and latchkey.client_on_desktop(token.client)
      is distinct from latchkey.client_on_desktop(client_changed.client) then
    return true;
  end if;
  return settings.client_change <> 'user_agent'
    and coalesce(token.country <> client_changed.country, false);
end
$$;

comment on function latchkey.client_changed(latchkey.refresh_tokens, latchkey.settings, text, text) is
  'Whether a refresh comes from another client than the session''s last one, as settings.client_change defines it. Internal.';
