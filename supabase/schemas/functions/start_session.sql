create function latchkey.start_session(
  auth_session auth.sessions,
  settings latchkey.settings,
  secret_hash bytea,
  adoption_nonce bytea,
  aal text,
  amr jsonb,
  user_agent text,
  ip text,
  device_name text,
  jkt bytea
)
returns latchkey.refresh_tokens
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  token latchkey.refresh_tokens;
  created latchkey.event_record;
begin
  if not latchkey.enforce_session_limit(auth_session.user_id, settings) then
    return null;
  end if;

  insert into latchkey.refresh_tokens
    (session_id, user_id, secret_hash, adoption_nonce, expires_at, idle_expires_at,
     aal, amr, user_agent, ip, device_name, jkt)
  values
    (auth_session.id, auth_session.user_id, start_session.secret_hash,
     start_session.adoption_nonce,
     least(now() + settings.absolute_timeout, auth_session.not_after),
     now() + settings.idle_timeout,
     start_session.aal, start_session.amr, left(start_session.user_agent, 512),
     start_session.ip::inet, start_session.device_name, start_session.jkt)
  returning * into token;
  perform latchkey.invalidate_auth_refresh_tokens(token.session_id);

  created := latchkey.event_of(token, 'session_created');
  created.initiating_entity := 'user';
  perform latchkey.record_events(array[created]);
  return token;
end
$$;

comment on function latchkey.start_session(auth.sessions, latchkey.settings, bytea, bytea, text, jsonb, text, text, text, bytea) is
  'Puts a session of Supabase Auth under Latchkey, for login and adopt, and returns its row; null if the session limit refuses it. Internal.';
