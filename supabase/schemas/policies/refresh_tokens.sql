create policy "Users read their own sessions"
  on latchkey.refresh_tokens for select to authenticated
  using (user_id = (select auth.uid()) and (select latchkey.session_active()));
comment on policy "Users read their own sessions" on latchkey.refresh_tokens is
  'Only the harmless columns; see the grants. A session that is not active reads nothing.';
