-- Removes the rows of sessions that are over for longer than they are kept.
-- Nothing locks such a row but a pruning, a deleted user, and Supabase Auth when
-- it deletes the session: what one of them holds is skipped, so nobody waits.
--
-- Rotation moves idle_expires_at, so no index may name it, and this reads the
-- table: one sequential scan per pruning.

create function latchkey.prune_sessions(batch integer default 5000)
returns integer
language plpgsql
volatile
security definer
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

  -- Auth's rows first, as everywhere; and none may outlive the row here: it
  -- would look like a session that Latchkey never managed, and stand again.
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
  'Removes at most one batch of the sessions, and what Supabase Auth may have left of them, that were revoked or ran out longer ago than settings.ended_sessions_kept, and returns how many. What stands is never touched. Security definer: writes refresh_tokens and deletes from auth.sessions.';
