-- RFC 7009: the holder of a refresh token of the session, of any generation, may end
-- it.

create function latchkey.revoke_token(
  session_id uuid,
  secret_hash bytea,
  actor_ip text
)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if exists (
    select from latchkey.refresh_tokens t
    where t.session_id = revoke_token.session_id
      and t.secret_hash = revoke_token.secret_hash
      and t.revoked_at is null
  ) then
    return latchkey.end_sessions(
      array[revoke_token.session_id], 'signed_out', 'user', revoke_token.session_id, actor_ip
    );
  end if;
  return 0;
end
$$;

comment on function latchkey.revoke_token(uuid, bytea, text) is
  'Ends the session of an authentic refresh token and returns how many ended: 1 or 0. Security definer: writes refresh_tokens.';
