-- Takes a session over that Supabase Auth made in any other way, for whoever
-- shows its access token, which the function has verified. Twice or from two
-- tabs at once, the first begins it and the others get the same tokens: here the
-- nonce of the first, from which the function derives the seed.
--
-- The rows in auth.users and auth.sessions are locked before anything else, in
-- the order in which a deletion of the user goes through them: adopters of one
-- session take turns, and Auth waits for us or we for it, never in a circle.

create function latchkey.adopt(
  session_id uuid,
  user_id uuid,
  secret_hash bytea,
  adoption_nonce bytea,
  aal text,
  amr text,
  user_agent text,
  ip text,
  device_name text,
  issuer text default null,
  issued_at bigint default null
)
returns latchkey.adopt_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '3s'
as $$
#variable_conflict use_column
declare
  state latchkey.session_state_result;
  account auth.users;
  settings latchkey.settings;
  auth_session auth.sessions;
  token latchkey.refresh_tokens;
  -- Auth's tables say how the user signed in; the access token may be older.
  actual_aal text;
  actual_amr jsonb;
  result latchkey.adopt_result;
begin
  -- As the foreign key will, which is too late.
  perform from auth.users u where u.id = adopt.user_id for key share;
  select s.* into auth_session
  from auth.sessions s
  where s.id = adopt.session_id and s.user_id = adopt.user_id
  for update;

  select u.* into account from auth.users u where u.id = adopt.user_id;
  if account.banned_until > now() then
    result.outcome := 'banned';
    return result;
  end if;
  state := latchkey.session_state(adopt.session_id, adopt.user_id);
  if state.outcome = 'active' and auth_session.not_after <= now() then
    state := ('expired', 'absolute');
  end if;
  if state.outcome <> 'active' then
    result.outcome := state.outcome;
    result.reason := state.reason;
    return result;
  end if;

  if latchkey.is_oauth_client(adopt.session_id) then
    result.outcome := 'oauth_client';
    return result;
  end if;

  select s.* into strict settings from latchkey.settings s;
  actual_aal := coalesce(auth_session.aal::text, adopt.aal);
  actual_amr := coalesce(latchkey.amr(adopt.session_id), adopt.amr::jsonb);

  select t.* into token
  from latchkey.refresh_tokens t where t.session_id = adopt.session_id;
  if found then
    -- Auth makes access tokens later too: for whoever enrols a second factor,
    -- which takes no more than an access token of ours. Its clock may be ahead.
    if token.adoption_nonce is null
      or (adopt.issued_at <= extract(epoch from token.created_at) + 5) is not true then
      result.outcome := 'managed';
      return result;
    end if;
    result.outcome := 'repeated';
    token.aal := actual_aal;
    token.amr := actual_amr;
  else
    if not latchkey.make_room(account.id, settings) then
      result.outcome := 'refused';
      result.reason := 'session_limit';
      return result;
    end if;
    insert into latchkey.refresh_tokens
      (session_id, user_id, secret_hash, adoption_nonce, expires_at, idle_expires_at,
       aal, amr, user_agent, ip, device_name)
    values
      (adopt.session_id, account.id, adopt.secret_hash, adopt.adoption_nonce,
       least(now() + settings.absolute_timeout, auth_session.not_after),
       now() + settings.idle_timeout,
       actual_aal, actual_amr, left(adopt.user_agent, 512), adopt.ip::inet,
       adopt.device_name)
    returning * into token;
    perform latchkey.drop_auth_refresh_token(token.session_id);
    insert into latchkey.session_events
      (event, session_id, user_id, initiating_entity, ip, user_agent)
    values
      ('session_created', token.session_id, token.user_id, 'user', token.ip, token.user_agent);
    result.outcome := 'created';
  end if;

  result.generation := token.generation;
  result.adoption_nonce := token.adoption_nonce;
  result.claims := latchkey.claims(
    token, account, settings, issuer,
    coalesce(token.amr -> 0 ->> 'method', 'token_refresh')
  );
  result.access_token_seconds := latchkey.access_token_seconds(result.claims);
  result.user_data := latchkey.user_data(account);
  return result;
end
$$;

comment on function latchkey.adopt(uuid, uuid, bytea, bytea, text, text, text, text, text, text, bigint) is
  'Takes over a session that Supabase Auth made: outcome created, repeated with the nonce of whoever was first, managed (it was signed in with a password here, or the access token was issued after the session was adopted), oauth_client (it is an OAuth client''s), banned, refused with the limit as reason, or where the session stands when it is over. aal and amr are the token''s, for a server that does not keep them. Security definer: reads auth tables and writes refresh_tokens.';
