-- Puts a session that Supabase Auth has just created under Latchkey. Auth has
-- checked the credentials; the ban is checked here too, because this is where a
-- session starts to last.
--
-- The rows in auth.users and auth.sessions are locked before anything else, in
-- the order in which the deletion of a user goes through them: either Auth waits
-- for us or we wait for Auth, never in a circle. Where there is a session limit,
-- sign-ins of one user run one after the other, and none waits longer than the
-- function waits for an answer.

create function latchkey.login(
  session_id uuid,
  secret_hash bytea,
  aal text,
  amr text,
  user_agent text,
  ip text,
  device_name text,
  issuer text default null
)
returns latchkey.session_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '3s'
as $$
#variable_conflict use_column
declare
  account auth.users;
  settings latchkey.settings;
  token latchkey.refresh_tokens;
  result latchkey.session_result;
begin
  -- As the foreign key will, which is too late.
  perform from auth.users u
  where u.id = (select s.user_id from auth.sessions s where s.id = login.session_id)
  for key share;
  perform from auth.sessions s where s.id = login.session_id for update;
  select u.* into account
  from auth.sessions s
  join auth.users u on u.id = s.user_id
  where s.id = login.session_id and u.deleted_at is null;
  if not found then
    result.outcome := 'unknown';
    return result;
  end if;
  if account.banned_until > now() then
    delete from auth.sessions s where s.id = login.session_id;
    result.outcome := 'banned';
    return result;
  end if;

  select s.* into strict settings from latchkey.settings s;
  if not latchkey.make_room(account.id, settings) then
    delete from auth.sessions s where s.id = login.session_id;
    result.outcome := 'refused';
    result.reason := 'session_limit';
    return result;
  end if;

  insert into latchkey.refresh_tokens
    (session_id, user_id, secret_hash, expires_at, idle_expires_at,
     aal, amr, user_agent, ip, device_name)
  values
    (login.session_id, account.id, login.secret_hash,
     now() + settings.absolute_timeout, now() + settings.idle_timeout,
     login.aal, login.amr::jsonb, left(login.user_agent, 512), login.ip::inet,
     login.device_name)
  returning * into token;
  perform latchkey.drop_auth_refresh_token(token.session_id);

  insert into latchkey.session_events
    (event, session_id, user_id, initiating_entity, ip, user_agent)
  values
    ('session_created', token.session_id, token.user_id, 'user', token.ip, token.user_agent);

  result.outcome := 'created';
  result.generation := token.generation;
  result.claims := latchkey.claims(token, account, settings, issuer, 'password');
  result.access_token_seconds := latchkey.access_token_seconds(result.claims);
  result.user_data := latchkey.user_data(account);
  return result;
end
$$;

comment on function latchkey.login(uuid, bytea, text, text, text, text, text, text) is
  'Starts a session: outcome created, banned, unknown, or refused with the limit as reason. Arguments are scalars (amr is JSON text, ip the text of an address); issuer is the claim iss. Security definer: reads auth tables and writes refresh_tokens.';
