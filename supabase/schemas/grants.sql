-- All privileges in this schema, in one file. First it revokes what the roles have by
-- default. Revoking from public alone would leave what a project's default privileges
-- gave to the API roles.

revoke all on schema latchkey from public, anon, authenticated, service_role, latchkey_functions;
revoke all on all tables in schema latchkey from public, anon, authenticated, service_role, latchkey_functions;
revoke all on all functions in schema latchkey from public, anon, authenticated, service_role, latchkey_functions;

grant usage on schema latchkey to anon, authenticated, service_role, latchkey_functions;

-- PostgREST calls it as the role of the request.
grant execute on function latchkey.check_request() to anon, authenticated, service_role;
-- For an app's policies; a caller without a session gets false.
grant execute on function latchkey.session_active() to anon, authenticated, service_role;

-- For supabase-js as the signed-in user; the view sessions calls the first two.
grant execute on function latchkey.caller_session_id() to authenticated;
grant execute on function latchkey.parse_uuid(text) to authenticated;
grant execute on function latchkey.revoke_session(text) to authenticated;
grant select (
  session_id, user_id, created_at, rotated_at, expires_at, idle_expires_at, active_until,
  aal, user_agent, ip, device_name, jkt, last_ip, last_user_agent, client, country, revoked_at, revoked_reason
) on latchkey.refresh_tokens to authenticated;
grant select on latchkey.sessions to authenticated;
grant select on latchkey.session_events to authenticated;

-- The Edge Functions: with the secret key through the Data API (service_role),
-- or on a connection of their own (latchkey_functions).
grant execute on function latchkey.adopt(uuid, uuid, bytea, bytea, text, text, text, text, text, text, bigint, bytea, bytea, text, text, bytea, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.attempt(text, text, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.clock() to service_role, latchkey_functions;
grant execute on function latchkey.disavow(uuid, latchkey.revoke_scope, text, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.introspect(uuid, integer, bytea) to service_role, latchkey_functions;
grant execute on function latchkey.login(uuid, bytea, text, text, text, text, text, text, bytea, bytea, text, text, bytea, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.refresh(uuid, integer, bytea, text, text, bytea, bytea, integer, text, text, text, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.revoke(uuid, uuid, bigint, latchkey.revoke_scope, uuid, text, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.revoke_by_admin(uuid, uuid, latchkey.revoked_reason, text, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.revoke_token(uuid, bytea, text, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.session_state(uuid, uuid) to service_role, latchkey_functions;
grant execute on function latchkey.sessions(uuid, uuid) to service_role, latchkey_functions;
grant execute on function latchkey.sessions_by_admin(uuid) to service_role, latchkey_functions;
grant execute on function latchkey.settle_attempt(text, text, boolean, timestamptz) to service_role, latchkey_functions;
grant execute on function latchkey.settle_notice(uuid, latchkey.notice_outcome, text, integer) to service_role, latchkey_functions;
grant execute on function latchkey.take_notices(integer, uuid) to service_role, latchkey_functions;

-- A scheduler outside the database, with the secret key.
grant execute on function latchkey.upkeep() to service_role;
