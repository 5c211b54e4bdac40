create function latchkey.revoke_tokens(
  session_ids uuid[],
  reason latchkey.revoked_reason,
  revoked_by latchkey.initiating_entity,
  revoked_by_session_id uuid,
  revoked_by_ip inet
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  ends latchkey.event_record[];
begin
  -- An expired session has already ended, so it is neither revoked nor counted.
  with revoked as (
    update latchkey.refresh_tokens t
    set revoked_at = now(),
        revoked_reason = revoke_tokens.reason,
        revoked_by = coalesce(
          revoke_tokens.revoked_by,
          latchkey.initiating_entity(revoke_tokens.reason::text::latchkey.ended_reason)
        ),
        revoked_by_session_id = revoke_tokens.revoked_by_session_id,
        revoked_by_ip = revoke_tokens.revoked_by_ip
    where t.session_id = any (session_ids)
      and now() < t.active_until
    returning t as token
  )
  select array_agg(latchkey.session_end(r.token)) into ends from revoked r;
  if ends is null then
    return 0;
  end if;
  perform latchkey.publish_session_ends(ends);
  return cardinality(ends);
end
$$;

comment on function latchkey.revoke_tokens(uuid[], latchkey.revoked_reason, latchkey.initiating_entity, uuid, inet) is
  'Revokes those of the given sessions that Latchkey manages and that are active, publishes their end, and returns how many. revoked_by: null for the usual initiator of the reason. Internal.';
