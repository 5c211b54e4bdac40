-- Locks rows of auth.sessions, before latchkey.refresh_tokens is touched.
--
-- Supabase Auth deletes sessions in an order of its own, so no order of ours
-- rules out a deadlock, and its sign-out must not be the one that fails. So we
-- never wait while we hold a lock: we take all or none, and try again.

create function latchkey.lock_sessions(session_ids uuid[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
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
      -- Leaving this block has let go of what it had.
      if clock_timestamp() > patience then
        raise;
      end if;
    end;
    perform pg_sleep(0.01);
  end loop;
end
$$;

comment on function latchkey.lock_sessions(uuid[]) is
  'Locks the rows of these sessions in auth.sessions, all or none, within 1.5 seconds (else lock_not_available: nothing was done, try again). Security definer: locks in auth.sessions.';

-- Ends sessions, of Latchkey's or only of Supabase Auth's, and counts them.

create function latchkey.end_sessions(session_ids uuid[], reason text)
returns integer
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  managed integer;
  unmanaged integer;
begin
  perform latchkey.lock_sessions(session_ids);

  update latchkey.refresh_tokens t
  set revoked_at = now(), revoked_reason = end_sessions.reason
  where t.session_id = any (session_ids) and t.revoked_at is null;
  get diagnostics managed = row_count;

  -- The rows of the managed ones are the trigger's to delete.
  delete from auth.sessions s
  where s.id = any (session_ids)
    and not exists (select from latchkey.refresh_tokens t where t.session_id = s.id);
  get diagnostics unmanaged = row_count;

  return managed + unmanaged;
end
$$;

comment on function latchkey.end_sessions(uuid[], text) is
  'Ends the given sessions with a reason and returns how many still stood. Internal: whoever calls it has decided already. Security definer: writes refresh_tokens and deletes from auth.sessions.';
