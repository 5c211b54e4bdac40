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
  token latchkey.refresh_tokens;
  auth_user_id uuid;
  account record;
  aal1_timeout interval;
begin
  select t.* into token
  from latchkey.refresh_tokens t
  where t.session_id = session_state.session_id
    and t.user_id = coalesce(session_state.user_id, t.user_id);
  if token.revoked_at is not null then
    return ('revoked', token.revoked_reason::text)::latchkey.session_state_result;
  elsif now() >= token.active_until then
    return ('expired', case
      when token.idle_expires_at < token.expires_at then 'idle' else 'absolute'
    end)::latchkey.session_state_result;
  end if;

  select s.user_id into auth_user_id
  from auth.sessions s
  where s.id = session_state.session_id
    and s.user_id = coalesce(session_state.user_id, s.user_id);
  select u.deleted_at, u.banned_until into account
  from auth.users u
  where u.id = coalesce(session_state.user_id, auth_user_id, token.user_id);
  if not found or account.deleted_at is not null then
    return ('revoked', 'user_deleted')::latchkey.session_state_result;
  elsif account.banned_until > now() then
    return ('revoked', 'banned')::latchkey.session_state_result;
  elsif auth_user_id is null then
    -- Auth has ended the session. Either only Auth managed it, or the trigger on
    -- auth.sessions missed the deletion, because an error in it is only a warning.
    return ('revoked', 'signed_out')::latchkey.session_state_result;
  end if;

  select s.aal1_timeout into aal1_timeout from latchkey.settings s;
  if aal1_timeout is not null and token.session_id is not null
    and latchkey.aal1_expired(token) then
    return ('expired', 'aal1')::latchkey.session_state_result;
  end if;
  return ('active', null)::latchkey.session_state_result;
end
$$;

comment on function latchkey.session_state(uuid, uuid) is
  'The live check for functions: active, revoked or expired, with the reason. Without a user_id, the session may belong to any user. Security definer: reads auth tables, which its callers may not.';
