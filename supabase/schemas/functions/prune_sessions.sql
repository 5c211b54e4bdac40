-- Removes the rows of sessions that ended longer ago than the retention period. Only a
-- pruning, a deleted user, and Supabase Auth deleting the session lock such a row: what
-- one of them holds is skipped, so this does not wait.
--
-- Rotation moves idle_expires_at, so no index may name it, and this reads the table:
-- one sequential scan per pruning.

create function latchkey.prune_sessions(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  ended uuid[];
  pruned integer;
begin
  select array_agg(t.session_id) into ended
  from (
    select t.session_id
    from latchkey.refresh_tokens t
    cross join latchkey.settings s
    where least(t.revoked_at, t.expires_at, t.idle_expires_at) < now() - s.ended_sessions_kept
    limit batch
  ) t;
  if ended is null then
    return 0;
  end if;

  -- Auth's rows first, as everywhere; and none may outlive the row here: it would look
  -- like a session that Latchkey never managed, and be active again.
  delete from auth.sessions a
  where a.id in (
    select s.id from auth.sessions s where s.id = any (ended) for update skip locked
  );
  delete from latchkey.refresh_tokens t
  where t.session_id in (
    select r.session_id
    from latchkey.refresh_tokens r
    where r.session_id = any (ended)
      and not exists (select from auth.sessions a where a.id = r.session_id)
    for update of r skip locked
  );
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_sessions(integer) is
  'Removes at most one batch of the sessions, and what Supabase Auth may have left of them, that were revoked or expired longer ago than settings.ended_sessions_kept, and returns how many. Active sessions are never touched. Internal: part of the upkeep.';
