-- Who may see which rows. Nobody writes through a policy: there is none for it.

create policy "Users read their own sessions"
  on latchkey.refresh_tokens for select to authenticated
  using (user_id = (select auth.uid()) and (select latchkey.session_active()));
comment on policy "Users read their own sessions" on latchkey.refresh_tokens is
  'Of the harmless columns; see the grants. A session that is over reads nothing.';

create policy "Users read their own events"
  on latchkey.session_events for select to authenticated
  using (user_id = (select auth.uid()) and (select latchkey.session_active()));
comment on policy "Users read their own events" on latchkey.session_events is
  'A session that is over reads nothing.';

-- The list for an app: select * works, because every column is harmless.
create view latchkey.sessions
with (security_invoker = true)
as
select
  t.session_id,
  t.user_id,
  t.created_at,
  t.rotated_at as last_used_at,
  least(t.expires_at, t.idle_expires_at) as expires_at,
  t.aal,
  t.user_agent,
  t.ip,
  t.device_name,
  t.session_id = nullif(auth.jwt() ->> 'session_id', '')::uuid as current
from latchkey.refresh_tokens t
where t.revoked_at is null
  and now() < t.expires_at
  and now() < t.idle_expires_at;
comment on view latchkey.sessions is
  'The caller''s sessions that stand, under the policies of refresh_tokens.';

-- The channels session:<id> and user:<id>: their owner listens, while the own
-- session stands; without an insert policy nobody can send there. Realtime
-- asks with rows that carry topic and extension only. (A policy on a table of
-- another owner cannot be commented.)
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
