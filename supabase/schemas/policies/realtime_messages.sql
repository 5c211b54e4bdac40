-- The channels session:<id> and user:<id>: their owner listens while the calling
-- session is active. There is no insert policy, so clients cannot send there. For the
-- check, Realtime uses rows that have only topic and extension. (A policy on a table
-- of another owner cannot have a comment.)

create policy "Latchkey: users listen on their own channels"
  on realtime.messages for select to authenticated
  using (
    extension = 'broadcast'
    and topic = (select realtime.topic())
    and topic in (
      'session:' || ((select auth.jwt()) ->> 'session_id'),
      'user:' || (select auth.uid())::text
    )
    and (select latchkey.session_active())
  );
