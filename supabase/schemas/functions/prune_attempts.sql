-- Deletes rows that no longer count. Guesses at accounts that do not exist also
-- create rows, so the table grows during an attack and shrinks a day later.

create function latchkey.prune_attempts(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  pruned integer;
begin
  delete from latchkey.login_attempts a
  using (
    select o.kind, o.key_hash from latchkey.login_attempts o
    where o.last_failed_at < now() - interval '1 day'
      and (o.blocked_until is null or o.blocked_until <= now())
    order by o.last_failed_at
    limit batch
    for update skip locked
  ) old
  where a.kind = old.kind and a.key_hash = old.key_hash;
  get diagnostics pruned = row_count;
  return pruned;
end
$$;

comment on function latchkey.prune_attempts(integer) is
  'Deletes at most batch rows of login_attempts that had no attempt for a day, and returns how many. Skips locked rows. Internal: part of the upkeep.';
