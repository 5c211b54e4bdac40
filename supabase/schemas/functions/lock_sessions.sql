-- Locks rows of auth.sessions, before latchkey.refresh_tokens is touched.
--
-- Supabase Auth deletes sessions in its own order, so no order that Latchkey chooses
-- can prevent a deadlock, and Auth's sign-out must not be the statement that fails.
-- So this function never waits while it holds a lock: it takes all locks or none, and
-- tries again.

create function latchkey.lock_sessions(session_ids uuid[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  patience constant timestamptz := clock_timestamp() + interval '1.5 seconds';
begin
  loop
    begin
      perform from auth.sessions s
      where s.id = any (session_ids)
      order by s.id
      for update nowait;
      return;
    exception when lock_not_available then
      -- Leaving this block has released the locks that it took.
      if clock_timestamp() > patience then
        raise;
      end if;
    end;
    perform pg_sleep(0.01);
  end loop;
end
$$;

comment on function latchkey.lock_sessions(uuid[]) is
  'Locks the rows of these sessions in auth.sessions, all or none, within 1.5 seconds (else lock_not_available: nothing was done, try again). Internal.';
