-- For sessions that have ended: locks Auth's rows before latchkey.refresh_tokens is
-- touched, as everywhere, and skips those that others have locked.

create function latchkey.delete_auth_sessions(session_ids uuid[])
returns uuid[]
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from auth.sessions a
  where a.id in (
    select s.id from auth.sessions s where s.id = any (session_ids) for update skip locked
  );
  return array(
    select i.id from unnest(session_ids) i (id)
    where not exists (select from auth.sessions a where a.id = i.id)
  );
end
$$;

comment on function latchkey.delete_auth_sessions(uuid[]) is
  'Deletes the rows of ended sessions in auth.sessions, unless they are locked, and returns the ids that have no row there now. Internal: part of the upkeep.';
