create function latchkey.session_revoked()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform latchkey.publish_session_ends(array[latchkey.session_end(new)]);
  return null;
end
$$;

comment on function latchkey.session_revoked() is
  'Trigger: publishes the end of a session that was revoked by a plain update. Security definer: deletes from auth.sessions and sends on Realtime, whichever role revoked the session.';

-- Only where revoked_by is null: revoke_tokens() sets it, and itself publishes all
-- the sessions that it ends.
create trigger session_revoked
  after update of revoked_at on latchkey.refresh_tokens
  for each row
  when (old.revoked_at is null and new.revoked_at is not null and new.revoked_by is null)
  execute function latchkey.session_revoked();
comment on trigger session_revoked on latchkey.refresh_tokens is
  'Publishes the end of a session that was revoked by a plain update.';
