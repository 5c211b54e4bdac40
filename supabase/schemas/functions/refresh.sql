-- Rotation. The happy path is one statement: match, step the generation, move
-- the idle end, and read the claims, all on the locked row. Of simultaneous
-- calls one steps; the others wait for its row lock, match nothing, and find
-- themselves one generation behind, inside the reuse interval.
--
-- The function has checked the token's HMAC before it calls: what arrives here
-- is authentic, so a generation that is over is a token that was replaced. A
-- generation ahead of the table means that the database lost commits (it was
-- restored from a backup); its holder has the newest token, so it rotates.
--
-- Nobody waits long for the row: a call that were to commit seconds after its
-- caller gave up would use up the reuse interval of the retry. For the same
-- reason rotated_at is the clock's time and not the transaction's.

create function latchkey.refresh(
  session_id uuid,
  generation integer,
  secret_hash bytea,
  issuer text default null,
  actor_ip text default null
)
returns latchkey.session_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1500ms'
as $$
#variable_conflict use_column
declare
  result latchkey.session_result;
  state latchkey.session_state_result;
  token latchkey.refresh_tokens;
  account auth.users;
  settings latchkey.settings;
begin
  update latchkey.refresh_tokens t
  set generation = refresh.generation + 1,
      rotated_at = clock_timestamp(),
      idle_expires_at = now() + s.idle_timeout,
      aal = coalesce(a.aal::text, t.aal),
      amr = coalesce(latchkey.amr(t.session_id), t.amr)
  from auth.sessions a, auth.users u, latchkey.settings s
  where t.session_id = refresh.session_id
    and t.secret_hash = refresh.secret_hash
    and t.generation <= refresh.generation
    and t.revoked_at is null
    and now() < t.expires_at
    and now() < t.idle_expires_at
    and a.id = t.session_id
    and u.id = t.user_id
    and u.deleted_at is null
    and (u.banned_until is null or u.banned_until <= now())
  returning 'rotated', null, t.generation, null,
    latchkey.claims(t, u, s, refresh.issuer, 'token_refresh'),
    latchkey.user_data(u)
  into result;
  if found then
    result.access_token_seconds := latchkey.access_token_seconds(result.claims);
    return result;
  end if;

  -- Not the current token of a session that stands. Look again, with eyes that
  -- see what others have committed meanwhile, to say why.
  select t.* into token
  from latchkey.refresh_tokens t
  where t.session_id = refresh.session_id and t.secret_hash = refresh.secret_hash;
  if not found then
    result.outcome := 'unknown';
    return result;
  end if;

  state := latchkey.session_state(token.session_id, token.user_id);
  result.outcome := state.outcome;
  result.reason := state.reason;
  if state.outcome = 'revoked' and token.revoked_at is null then
    -- A trigger of ours has missed it: they never fail what they ride on.
    perform latchkey.end_sessions(array[token.session_id], state.reason);
  end if;
  if state.outcome <> 'active' then
    return result;
  end if;

  select u.* into account from auth.users u where u.id = token.user_id;
  select s.* into strict settings from latchkey.settings s;
  if token.generation <= refresh.generation then
    -- What stood in the way has gone between the two looks.
    return latchkey.refresh(
      refresh.session_id, refresh.generation, refresh.secret_hash, refresh.issuer, actor_ip
    );
  elsif token.generation = refresh.generation + 1
    and now() <= token.rotated_at + make_interval(secs => settings.reuse_interval_seconds) then
    result.outcome := 'repeated';
    result.generation := token.generation;
    result.claims := latchkey.claims(
      token, account, settings, refresh.issuer, 'token_refresh'
    );
    result.access_token_seconds := latchkey.access_token_seconds(result.claims);
    result.user_data := latchkey.user_data(account);
    return result;
  end if;

  perform latchkey.end_sessions(
    array[token.session_id], 'reuse', token.session_id, actor_ip
  );
  result.outcome := 'reused';
  result.reason := null;
  return result;
end
$$;

comment on function latchkey.refresh(uuid, integer, bytea, text, text) is
  'Rotates a refresh token: outcome rotated or repeated with the generation of the successor, else reused (the session was just revoked), revoked, expired or unknown. issuer is the claim iss. Security definer: reads auth tables and writes refresh_tokens.';
