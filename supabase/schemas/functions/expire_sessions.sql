-- Nothing runs when a session expires, so the upkeep publishes it. It waits a minute,
-- because a refresh that began before the expiry may still commit.
--
-- No index may include idle_expires_at, because rotation changes it. So each call
-- reads the whole table in one sequential scan.

create function latchkey.expire_sessions(batch integer default 5000)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  expired uuid[];
  ends latchkey.event_record[];
begin
  select array_agg(t.session_id) into expired
  from (
    select t.session_id
    from latchkey.refresh_tokens t
    where t.active_until < now() - interval '1 minute' and t.expiry_published_at is null
    limit batch
  ) t;
  if expired is null then
    return 0;
  end if;

  expired := latchkey.delete_auth_sessions(expired);
  with published as (
    update latchkey.refresh_tokens t
    set expiry_published_at = now()
    where t.session_id in (
      select r.session_id
      from latchkey.refresh_tokens r
      where r.session_id = any (expired) and r.expiry_published_at is null
      for update of r skip locked
    )
    returning t as token
  )
  select array_agg(latchkey.session_end(p.token)) into ends from published p;
  if ends is null then
    return 0;
  end if;
  perform latchkey.publish_session_ends(ends);
  return cardinality(ends);
end
$$;

comment on function latchkey.expire_sessions(integer) is
  'Publishes the end of at most one batch of sessions that have expired, and returns how many. Internal: part of the upkeep.';
