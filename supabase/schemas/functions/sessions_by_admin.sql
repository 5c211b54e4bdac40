create function latchkey.sessions_by_admin(user_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return latchkey.session_list(user_id, null);
end
$$;

comment on function latchkey.sessions_by_admin(uuid) is
  'A user''s active sessions, the last used first, at most 1000; none of them is the current one. For administrators: needs no session. Security definer: reads refresh_tokens.';
