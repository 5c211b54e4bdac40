create function latchkey.session_deleted()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  ends latchkey.event_record[];
begin
  -- A session whose end was published needs nothing more. An expired session gets no
  -- broadcast, but its row in auth.sessions must be deleted too: without the row
  -- here, the session would look like one that Latchkey never managed.
  select array_agg(latchkey.session_end(t)) into ends
  from deleted t
  where t.revoked_at is null and t.expiry_published_at is null;
  if ends is not null then
    perform latchkey.publish_session_ends(ends);
  end if;
  return null;
end
$$;

comment on function latchkey.session_deleted() is
  'Trigger: publishes the end of sessions whose rows are deleted before their end was published. Security definer: deletes from auth.sessions and sends on Realtime, whichever role deleted the rows.';

create trigger session_deleted
  after delete on latchkey.refresh_tokens
  referencing old table as deleted
  for each statement
  execute function latchkey.session_deleted();
comment on trigger session_deleted on latchkey.refresh_tokens is
  'Publishes the end of sessions whose rows were deleted.';
