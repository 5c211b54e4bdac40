-- A revoked row says why the session ended and who ended it. Any other row is being
-- deleted: the session had expired, its user is being deleted, or an administrator
-- deletes the row by SQL.

create function latchkey.session_end(token latchkey.refresh_tokens)
returns latchkey.session_end
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
begin
  return (
    token.session_id,
    token.user_id,
    -- The end of an expired session is recorded late, when its row is pruned.
    case reason when 'expired' then token.active_until else now() end,
    reason,
    coalesce(token.revoked_by, latchkey.initiating_entity(reason)),
    token.ip,
    token.user_agent,
    token.revoked_by_session_id,
    token.revoked_by_ip
  )::latchkey.session_end;
end
$$;

comment on function latchkey.session_end(latchkey.refresh_tokens) is
  'The data that is published about a session that was revoked or whose row is deleted. Internal.';
