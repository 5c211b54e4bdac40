-- Ends sessions, of Latchkey's or only of Supabase Auth's, and counts them.

create function latchkey.end_sessions(
  session_ids uuid[],
  reason text,
  actor_session_id uuid default null,
  actor_ip text default null
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  managed integer;
  unmanaged integer;
begin
  perform latchkey.lock_sessions(session_ids);

  perform set_config('latchkey.actor_session_id', coalesce(actor_session_id::text, ''), true);
  perform set_config('latchkey.actor_ip', coalesce(actor_ip, ''), true);
  update latchkey.refresh_tokens t
  set revoked_at = now(), revoked_reason = end_sessions.reason
  where t.session_id = any (session_ids)
    and t.revoked_at is null
    and now() < t.expires_at
    and now() < t.idle_expires_at;
  get diagnostics managed = row_count;
  -- What ends later in this transaction was somebody else's doing.
  perform set_config('latchkey.actor_session_id', '', true);
  perform set_config('latchkey.actor_ip', '', true);

  -- The rows of the revoked ones are the trigger's to delete. What is left is
  -- of sessions that have run out, or that only Supabase Auth knows.
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

comment on function latchkey.end_sessions(uuid[], text, uuid, text) is
  'Ends the given sessions with a reason, notes who asked, and returns how many still stood. Internal: whoever calls it has decided already. Security definer: writes refresh_tokens and deletes from auth.sessions.';
