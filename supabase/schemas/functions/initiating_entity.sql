create function latchkey.initiating_entity(reason latchkey.ended_reason)
returns latchkey.initiating_entity
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when reason in ('signed_out', 'user', 'password_changed') then 'user'
    when reason in ('reuse', 'session_limit', 'suspicious', 'expired') then 'policy'
    else 'admin'
  end;
end
$$;

comment on function latchkey.initiating_entity(latchkey.ended_reason) is
  'Who ends sessions for this reason, unless an administrator does it. Internal.';
