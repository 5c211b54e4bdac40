-- A revoked row says why the session ended and who ended it. Any other row has expired
-- or is being deleted: its user is being deleted, or an administrator deletes the row
-- by SQL.

create function latchkey.session_end(token latchkey.refresh_tokens)
returns latchkey.event_record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  reason constant latchkey.ended_reason := case
    when token.revoked_at is not null then token.revoked_reason::text
    when now() >= token.active_until then 'expired'
    when not exists (select from auth.users u where u.id = token.user_id) then 'user_deleted'
    else 'admin'
  end;
  ended latchkey.event_record;
begin
  ended := latchkey.event_of(token, case reason
    when 'reuse' then 'authn_token_reuse'
    when 'expired' then 'session_expired'
    else 'authn_token_revoked'
  end::latchkey.session_event);
  if reason = 'expired' then
    -- It is recorded later, by the upkeep.
    ended.created_at := token.active_until;
  end if;
  ended.reason := reason;
  ended.initiating_entity := coalesce(token.revoked_by, latchkey.initiating_entity(reason));
  ended.actor_session_id := token.revoked_by_session_id;
  ended.actor_ip := token.revoked_by_ip;
  return ended;
end
$$;

comment on function latchkey.session_end(latchkey.refresh_tokens) is
  'The event that is published when a session was revoked, has expired or its row is deleted. Internal.';
