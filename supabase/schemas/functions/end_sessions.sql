create function latchkey.end_sessions(
  session_ids uuid[],
  reason latchkey.revoked_reason,
  revoked_by latchkey.initiating_entity default null,
  revoked_by_session_id uuid default null,
  revoked_by_ip text default null
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  managed integer;
  unmanaged integer;
begin
  perform latchkey.lock_sessions(session_ids);
  managed := latchkey.revoke_tokens(
    session_ids, reason, revoked_by, revoked_by_session_id, revoked_by_ip::inet
  );

  -- Delete the other rows: of sessions that have expired, or that only Supabase Auth
  -- knows. The row of a revoked session is left only if publishing its end could not
  -- delete it.
  with ended as (
    delete from auth.sessions s
    where s.id = any (session_ids)
      and not exists (
        select from latchkey.refresh_tokens t
        where t.session_id = s.id and t.revoked_at is not null
      )
    returning s.id
  )
  select count(*) into unmanaged
  from ended
  where not exists (
    select from latchkey.refresh_tokens t where t.session_id = ended.id
  );

  return managed + unmanaged;
end
$$;

comment on function latchkey.end_sessions(uuid[], latchkey.revoked_reason, latchkey.initiating_entity, uuid, text) is
  'Ends the given sessions, whether Latchkey or only Supabase Auth manages them, and returns how many were active. The project''s owner may also call it by SQL. revoked_by: null for the usual initiator of the reason.';
