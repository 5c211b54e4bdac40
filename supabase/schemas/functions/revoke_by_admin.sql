-- An administrator ends one session, or all of one user.

create function latchkey.revoke_by_admin(
  user_id uuid,
  session_id uuid,
  reason text,
  actor_ip text default null
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  ended integer;
begin
  perform set_config('latchkey.by_admin', 'true', true);
  ended := latchkey.end_sessions(
    array(
      select s.id from auth.sessions s
      where s.user_id = revoke_by_admin.user_id or s.id = revoke_by_admin.session_id
      union
      select t.session_id from latchkey.refresh_tokens t
      where (t.user_id = revoke_by_admin.user_id or t.session_id = revoke_by_admin.session_id)
        and t.revoked_at is null
    ),
    revoke_by_admin.reason, null, actor_ip
  );
  perform set_config('latchkey.by_admin', '', true);
  return ended;
end
$$;

comment on function latchkey.revoke_by_admin(uuid, uuid, text, text) is
  'Ends every session of a user, or one session, with a reason, and returns how many ended. For administrators: asks nothing of the session. Security definer: reads auth.sessions and writes refresh_tokens.';
