-- Puts a session that Supabase Auth has just made under Latchkey. Auth has
-- checked the credentials; the ban is looked at here too, because this is
-- where a session starts to last.

create function latchkey.login(
  session_id uuid,
  secret_hash bytea,
  aal text,
  amr text,
  user_agent text,
  ip text,
  device_name text
)
returns latchkey.session_result
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  account auth.users;
  settings latchkey.settings;
  token latchkey.refresh_tokens;
begin
  select u.* into account
  from auth.sessions s
  join auth.users u on u.id = s.user_id
  where s.id = login.session_id and u.deleted_at is null;
  if not found then
    return ('unknown', null, null, null, null, null)::latchkey.session_result;
  end if;
  if account.banned_until > now() then
    delete from auth.sessions s where s.id = login.session_id;
    return ('banned', null, null, null, null, null)::latchkey.session_result;
  end if;

  select s.* into strict settings from latchkey.settings s;

  insert into latchkey.refresh_tokens
    (session_id, user_id, secret_hash, expires_at, idle_expires_at,
     aal, amr, user_agent, ip, device_name)
  values
    (login.session_id, account.id, login.secret_hash,
     now() + settings.absolute_timeout, now() + settings.idle_timeout,
     login.aal, login.amr::jsonb, left(login.user_agent, 512), login.ip::inet,
     login.device_name)
  returning * into token;

  insert into latchkey.session_events
    (event, session_id, user_id, initiating_entity, ip, user_agent)
  values
    ('session_created', token.session_id, token.user_id, 'user', token.ip, token.user_agent);

  return (
    'created', null, token.generation,
    latchkey.access_token_seconds(token, settings),
    latchkey.claims(token, account), latchkey.user_data(account)
  )::latchkey.session_result;
exception when foreign_key_violation then
  -- The user was deleted while we looked.
  return ('unknown', null, null, null, null, null)::latchkey.session_result;
end
$$;

comment on function latchkey.login(uuid, bytea, text, text, text, text, text) is
  'Starts a session: outcome created, banned or unknown. Arguments are scalars (amr is JSON text, ip the text of an address). Security definer: reads auth tables and writes refresh_tokens.';
