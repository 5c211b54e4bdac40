-- Where a session stands, from the tables and not from a token. A session that
-- Latchkey does not manage stands for as long as Supabase Auth keeps its row.

create function latchkey.session_state(session_id uuid)
returns latchkey.session_state_result
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  token latchkey.refresh_tokens;
  state latchkey.session_state_result;
  auth_session_exists constant boolean := exists (
    select from auth.sessions s where s.id = session_state.session_id
  );
begin
  select t.* into token
  from latchkey.refresh_tokens t
  where t.session_id = session_state.session_id;

  if not found then
    state.outcome := case when auth_session_exists then 'active' else 'unknown' end;
  elsif token.revoked_at is not null then
    state := ('revoked', token.revoked_reason);
  elsif now() >= token.expires_at then
    state := ('expired', 'absolute');
  elsif now() >= token.idle_expires_at then
    state := ('expired', 'idle');
  elsif not auth_session_exists then
    -- The trigger on auth.sessions never fails a sign-out, so it may have
    -- missed one: what Supabase Auth ended has ended.
    state := ('revoked', 'signed_out');
  else
    state.outcome := 'active';
  end if;
  return state;
end
$$;

comment on function latchkey.session_state(uuid) is
  'The live check for functions: active, revoked, expired or unknown, with the reason. Security definer: reads auth.sessions, which its callers may not.';
