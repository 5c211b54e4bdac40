create function latchkey.revoke_by_admin(
  user_id uuid,
  session_id uuid,
  reason latchkey.revoked_reason,
  actor_ip text,
  deadline timestamptz default null
)
returns latchkey.revoke_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set statement_timeout = '3s'
as $$
declare
  most constant integer := 1000;
  targets constant uuid[] := case
    when session_id is not null then array[session_id]
    else latchkey.sessions_of_user(user_id, null, most)
  end;
  result latchkey.revoke_result;
begin
  perform latchkey.check_deadline(deadline);
  result.outcome := 'done';
  result.revoked := latchkey.end_sessions(targets, reason, 'admin', null, actor_ip);
  result.more := cardinality(targets) = most;
  result.database_time := latchkey.check_deadline(deadline);
  return result;
end
$$;

comment on function latchkey.revoke_by_admin(uuid, uuid, latchkey.revoked_reason, text, timestamptz) is
  'Ends one session, or every session of a user, with a reason, for an administrator: the outcome is always done. At most 1,000 at a time: call again while more is true. Security definer: reads auth.sessions and writes refresh_tokens.';
