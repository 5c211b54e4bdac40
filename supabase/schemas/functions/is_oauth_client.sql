-- If Supabase Auth is the OAuth server of an app that a user has authorised, the app
-- has its own session there. That session is not a device of the user.

create function latchkey.is_oauth_client(session_id uuid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Not every version of Auth has the column.
  return exists (
    select from auth.sessions s
    where s.id = is_oauth_client.session_id
      and to_jsonb(s) ->> 'oauth_client_id' is not null
  );
end
$$;

comment on function latchkey.is_oauth_client(uuid) is
  'Whether Supabase Auth created the session for an OAuth client. The claim client_id is not enough: Auth omits it after such a session has verified a second factor. Internal.';
