create function latchkey.session_list(user_id uuid, current_session_id uuid)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(
      jsonb_agg(to_jsonb(s) order by s.last_used_at desc, s.session_id), '[]'
    )
    from (
      select t.session_id, t.created_at, t.rotated_at as last_used_at,
        t.active_until as expires_at,
        t.user_agent, host(t.ip) as ip,
        case when t.client is not null then coalesce(t.last_user_agent, t.user_agent) end
          as last_user_agent,
        host(t.last_ip) as last_ip, t.client, t.country, t.device_name, t.jkt is not null as bound,
        t.session_id is not distinct from current_session_id as current
      from latchkey.refresh_tokens t
      where t.user_id = session_list.user_id
        and now() < t.active_until
      order by t.rotated_at desc, t.session_id
      limit 1000
    ) s
  );
end
$$;

comment on function latchkey.session_list(uuid, uuid) is
  'A user''s active sessions, the last used first, at most 1000. Internal: its callers have already checked who may see it.';
