-- RFC 7009: the holder of a refresh token of the session, of any generation, may end
-- it.

create function latchkey.revoke_token(
  session_id uuid,
  secret_hash bytea,
  actor_ip text,
  deadline timestamptz default null
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set statement_timeout = '3s'
as $$
#variable_conflict use_column
declare
  ended integer := 0;
begin
  perform latchkey.check_deadline(deadline);
  if exists (
    select from latchkey.refresh_tokens t
    where t.session_id = revoke_token.session_id
      and t.secret_hash = revoke_token.secret_hash
      and t.revoked_at is null
  ) then
    ended := latchkey.end_sessions(
      array[revoke_token.session_id], 'signed_out', 'user', revoke_token.session_id, actor_ip
    );
  end if;
  perform latchkey.check_deadline(deadline);
  return ended;
end
$$;

comment on function latchkey.revoke_token(uuid, bytea, text, timestamptz) is
  'Ends the session of an authentic refresh token and returns how many ended: 1 or 0. Security definer: writes refresh_tokens.';
