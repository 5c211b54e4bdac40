-- The live check: it reads the tables and does not trust a token. A session that
-- Latchkey does not manage is active as long as Supabase Auth has its row. Another
-- user's session counts as not active.

create function latchkey.session_state(session_id uuid, user_id uuid)
returns latchkey.session_state_result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  auth_session auth.sessions;
  account auth.users;
  token latchkey.refresh_tokens;
begin
  select s.* into auth_session
  from auth.sessions s
  where s.id = session_state.session_id
    and s.user_id = coalesce(session_state.user_id, s.user_id);
  select t.* into token
  from latchkey.refresh_tokens t
  where t.session_id = session_state.session_id
    and t.user_id = coalesce(session_state.user_id, t.user_id);
  select u.* into account
  from auth.users u
  where u.id = coalesce(session_state.user_id, auth_session.user_id, token.user_id);

  if token.revoked_at is not null then
    return ('revoked', token.revoked_reason::text)::latchkey.session_state_result;
  elsif token.session_id is not null
    and not latchkey.is_active(token.revoked_at, token.expires_at, token.idle_expires_at) then
    return ('expired', case
      when token.idle_expires_at < token.expires_at then 'idle' else 'absolute'
    end)::latchkey.session_state_result;
  elsif account.id is null or account.deleted_at is not null then
    return ('revoked', 'user_deleted')::latchkey.session_state_result;
  elsif latchkey.is_banned(account.banned_until) then
    return ('revoked', 'banned')::latchkey.session_state_result;
  elsif auth_session.id is null then
    -- Auth has ended the session. Either only Auth managed it, or the trigger on
    -- auth.sessions missed the deletion, because an error in it is only a warning.
    return ('revoked', 'signed_out')::latchkey.session_state_result;
  elsif token.session_id is not null and latchkey.aal1_expired(token) then
    return ('expired', 'aal1')::latchkey.session_state_result;
  end if;
  return ('active', null)::latchkey.session_state_result;
end
$$;

comment on function latchkey.session_state(uuid, uuid) is
  'The live check for functions: active, revoked or expired, with the reason. Without a user_id, the session may belong to any user. Security definer: reads auth tables, which its callers may not.';
