-- Where a user's session stands, from the tables and not from a token. A session
-- that Latchkey does not manage stands for as long as Supabase Auth keeps its
-- row. A session of somebody else does not stand.

create function latchkey.session_state(session_id uuid, user_id uuid)
returns latchkey.session_state_result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  token latchkey.refresh_tokens;
  account auth.users;
  state latchkey.session_state_result;
  auth_session_exists constant boolean := exists (
    select from auth.sessions s
    where s.id = session_state.session_id and s.user_id = session_state.user_id
  );
begin
  select t.* into token
  from latchkey.refresh_tokens t
  where t.session_id = session_state.session_id and t.user_id = session_state.user_id;
  select u.* into account from auth.users u where u.id = session_state.user_id;

  if token.revoked_at is not null then
    state := ('revoked', token.revoked_reason);
  elsif now() >= least(token.expires_at, token.idle_expires_at) then
    state := ('expired', case
      when token.idle_expires_at < token.expires_at then 'idle' else 'absolute'
    end);
  elsif account.id is null or account.deleted_at is not null then
    state := ('revoked', 'user_deleted');
  elsif account.banned_until > now() then
    state := ('revoked', 'banned');
  elsif not auth_session_exists then
    -- Only Supabase Auth knew it; or the trigger on auth.sessions, which never
    -- fails a sign-out, has missed one: what Auth ended has ended.
    state := ('revoked', 'signed_out');
  else
    state.outcome := 'active';
  end if;
  return state;
end
$$;

comment on function latchkey.session_state(uuid, uuid) is
  'The live check for functions: active, revoked or expired, with the reason. Security definer: reads auth tables, which its callers may not.';
