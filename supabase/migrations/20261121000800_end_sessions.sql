-- Ends sessions, of Latchkey's or only of Supabase Auth's, and counts them.
--
-- Lock order: the rows of auth.sessions first, in the order of their ids, and
-- latchkey.refresh_tokens after them. A sign-out by Supabase Auth takes its
-- locks in that order too, so that the two cannot deadlock.

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
  perform from auth.sessions s
  where s.id = any (session_ids)
  order by s.id
  for update;

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
