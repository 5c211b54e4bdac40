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
  jkt bytea,
  client text,
  country text,
  device_hash bytea
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
  on_new_device latchkey.event_record;
begin
  if not latchkey.enforce_session_limit(auth_session.user_id, settings) then
    return null;
  end if;

  insert into latchkey.refresh_tokens
    (session_id, user_id, secret_hash, adoption_nonce, expires_at, idle_expires_at,
     aal, amr, user_agent, ip, device_name, jkt, last_ip, client, country)
  values
    (auth_session.id, auth_session.user_id, start_session.secret_hash,
     start_session.adoption_nonce,
     least(now() + settings.absolute_timeout, auth_session.not_after),
     now() + settings.idle_timeout,
     start_session.aal, start_session.amr, left(start_session.user_agent, 512),
     start_session.ip::inet, start_session.device_name, start_session.jkt,
     start_session.ip::inet, start_session.client, start_session.country)
  returning * into token;
  perform latchkey.invalidate_auth_refresh_tokens(token.session_id);

  created := latchkey.event_of(token, 'session_created');
  created.initiating_entity := 'user';
  created.client := token.client;
  created.country := token.country;
  created.new_device := not latchkey.recognize_device(
    token.user_id, device_hash, token.session_id
  );
  if created.new_device then
    on_new_device := created;
    on_new_device.event := 'new_device';
    perform latchkey.record_events(array[created, on_new_device]);
  else
    perform latchkey.record_events(array[created]);
  end if;
  return token;
end
$$;

comment on function latchkey.start_session(auth.sessions, latchkey.settings, bytea, bytea, text, jsonb, text, text, text, bytea, text, text, bytea) is
  'Puts a session of Supabase Auth under Latchkey, for login and adopt, and returns its row; null if the session limit refuses it. Internal.';
