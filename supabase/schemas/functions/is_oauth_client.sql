-- An app that a user has authorised, with Supabase Auth as its OAuth server, has a
-- session of its own there, which is not a device of the user.

create function latchkey.is_oauth_client(session_id uuid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Not every Auth has the column.
  return exists (
    select from auth.sessions s
    where s.id = is_oauth_client.session_id
      and to_jsonb(s) ->> 'oauth_client_id' is not null
  );
end
$$;

comment on function latchkey.is_oauth_client(uuid) is
  'Whether Supabase Auth made the session for an OAuth client. The claim client_id does not tell: Auth leaves it out where such a session has verified a second factor. Internal.';
