-- Removes the rows of sessions that ended longer ago than the retention period. Only
-- another call of this function, the deletion of the user, and the deletion of the
-- session by Supabase Auth lock such a row. Locked rows are skipped, so this does not
-- wait.
--
-- No index may include idle_expires_at, because rotation changes it. So each call
-- reads the whole table in one sequential scan.

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

  -- No row of Auth's may remain after the row here is deleted: it would look like a
  -- session that Latchkey never managed, and would be active again.
  ended := latchkey.delete_auth_sessions(ended);
  delete from latchkey.refresh_tokens t
  where t.session_id in (
    select r.session_id
    from latchkey.refresh_tokens r
    where r.session_id = any (ended)
    for update of r skip locked
  );
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_sessions(integer) is
  'Deletes at most one batch of the sessions that were revoked or expired longer ago than settings.ended_sessions_kept, with their rows in auth.sessions if those still exist, and returns how many. Never deletes an active session. Internal: part of the upkeep.';
