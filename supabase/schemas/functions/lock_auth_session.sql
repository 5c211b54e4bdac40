-- The rows in auth.users and auth.sessions are locked before anything else, in the
-- order in which Auth locks them when it deletes a user. So one waits for the other
-- and they cannot deadlock. The foreign key of refresh_tokens would lock the user
-- too, but later.

create function latchkey.lock_auth_session(session_id uuid)
returns auth.sessions
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  auth_session auth.sessions;
begin
  perform from auth.users u
  where u.id = (select s.user_id from auth.sessions s where s.id = lock_auth_session.session_id)
  for key share;
  select s.* into auth_session
  from auth.sessions s
  where s.id = lock_auth_session.session_id
  for update;
  return auth_session;
end
$$;

comment on function latchkey.lock_auth_session(uuid) is
  'Locks a session of Supabase Auth and its user before Latchkey starts to manage it, and returns the session. Internal.';
