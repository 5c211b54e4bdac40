create policy "Users read their own events"
  on latchkey.session_events for select to authenticated
  using (user_id = (select auth.uid()) and (select latchkey.session_active()));
comment on policy "Users read their own events" on latchkey.session_events is
  'A session that is not active reads nothing.';
