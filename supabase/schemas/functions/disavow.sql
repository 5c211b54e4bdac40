-- "It wasn't me": the Edge Function has checked the HMAC and the expiry of the token,
-- which names the session. A token works once: the row says that it was used. It also
-- works after the session has ended, because its user may then still want to end the
-- others.

create function latchkey.disavow(
  session_id uuid,
  scope latchkey.revoke_scope,
  actor_ip text,
  deadline timestamptz default null
)
returns latchkey.disavow_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set statement_timeout = '3s'
as $$
#variable_conflict use_column
declare
  result latchkey.disavow_result;
begin
  perform latchkey.check_deadline(deadline);

  <<decision>>
  declare
    -- The most sessions that one call ends. So many end well within the caller's
    -- deadline.
    most constant integer := 1000;
    token latchkey.refresh_tokens;
    others uuid[] := '{}';
    disavowed latchkey.event_record;
  begin
    if (scope in ('local', 'global')) is not true then
      raise exception 'disavow takes the scope local or global'
        using errcode = 'invalid_parameter_value';
    end if;
    -- Two uses of one token run one after the other.
    perform pg_advisory_xact_lock(
      hashtextextended('latchkey.disavow ' || disavow.session_id, 0)
    );
    select t.* into token
    from latchkey.refresh_tokens t where t.session_id = disavow.session_id;
    if not found then
      result.outcome := 'unknown';
      exit decision;
    elsif token.disavowed_at is not null then
      result.outcome := 'used';
      exit decision;
    end if;

    if scope = 'global' then
      others := latchkey.sessions_of_user(token.user_id, token.session_id, most);
    end if;
    perform latchkey.lock_sessions(others || token.session_id);
    result.outcome := 'done';
    result.revoked :=
      latchkey.end_sessions(array[token.session_id], 'suspicious', 'user', null, actor_ip)
      + latchkey.end_sessions(others, 'user', 'user', null, actor_ip);
    result.more := cardinality(others) = most;
    -- Until every session has ended, the same request can be sent again.
    if not result.more then
      update latchkey.refresh_tokens t set disavowed_at = now()
      where t.session_id = token.session_id;
      -- The next sign-in on the same device is noticed again.
      delete from latchkey.known_devices d
      where d.user_id = token.user_id and d.session_id = token.session_id;
      disavowed := latchkey.event_of(token, 'session_disavowed');
      disavowed.initiating_entity := 'user';
      disavowed.actor_ip := disavow.actor_ip::inet;
      perform latchkey.record_events(array[disavowed]);
    end if;
  end;

  result.database_time := latchkey.check_deadline(deadline);
  return result;
end
$$;

comment on function latchkey.disavow(uuid, latchkey.revoke_scope, text, timestamptz) is
  'Ends a session that its user did not start, with reason suspicious, and with scope global the user''s other sessions too, with reason user. Outcomes: done, used or unknown. At most 1,000 at a time: call again while more is true. Security definer: writes refresh_tokens.';
