-- For apps: users may read every column, so select * works.

create view latchkey.sessions
with (security_invoker = true)
as
select
  t.session_id,
  t.user_id,
  t.created_at,
  t.rotated_at as last_used_at,
  t.active_until as expires_at,
  t.aal,
  t.user_agent,
  t.ip,
  case when t.client is not null then coalesce(t.last_user_agent, t.user_agent) end
    as last_user_agent,
  t.last_ip,
  t.client,
  t.country,
  t.device_name,
  t.jkt is not null as bound,
  t.session_id = (select latchkey.caller_session_id()) as current
from latchkey.refresh_tokens t
where now() < t.active_until;
comment on view latchkey.sessions is
  'The caller''s active sessions, under the policies of refresh_tokens.';
