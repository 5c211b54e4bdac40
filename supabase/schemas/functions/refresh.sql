-- Rotation. In the usual case it is one statement, which finds the row, increases the
-- generation, sets the idle expiry and reads the claims, while the row is locked. If
-- several calls arrive at the same time, one rotates. The others wait for its row
-- lock, then match no row, and find that their token is one generation behind, within
-- the reuse interval.
--
-- The Edge Function has checked the token's HMAC before the call, so the token is
-- authentic. A token with a lower generation than the row was replaced. A higher
-- generation means that the database lost commits, because it was restored from a
-- backup. The caller then has the newest token, so it rotates.
--
-- A bound session (jkt) is refreshed only with an unused proof of its key. A token that
-- is one generation behind then counts as a lost answer, however old it is. An older one
-- is theft, but not within the reuse interval after the last rotation: the app's server
-- has one key for all requests of a browser, and one of them may overtake another twice.
--
-- A refresh from another client (client_changed) is not rotated in that statement.
-- record_client_change comes first, and locks what it needs in the usual order. A
-- client without a proof of the session's key or with an old token changes nothing.
--
-- It does not wait long for the row: if a call committed seconds after its caller
-- gave up, little of the reuse interval would be left for the retry. For the same
-- reason rotated_at is the clock's time and not the transaction's.

create function latchkey.refresh(
  session_id uuid,
  generation integer,
  secret_hash bytea,
  issuer text,
  actor_ip text,
  proof_jkt bytea default null,
  proof_id bytea default null,
  proof_nonce_generation integer default null,
  user_agent text default null,
  client text default null,
  country text default null,
  deadline timestamptz default null
)
returns latchkey.refresh_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1500ms'
set statement_timeout = '3s'
as $$
#variable_conflict use_column
declare
  result latchkey.refresh_result;
  client_changed boolean := false;
begin
  perform latchkey.check_deadline(deadline);

  <<decision>>
  declare
    state latchkey.session_state_result;
    token latchkey.refresh_tokens;
    account auth.users;
    settings latchkey.settings;
    is_recent boolean;
    is_repeat boolean;
  begin
    for try in 1..3 loop
      update latchkey.refresh_tokens t
      set generation = refresh.generation + 1,
          rotated_at = clock_timestamp(),
          idle_expires_at = now() + s.idle_timeout,
          aal = coalesce(a.aal::text, t.aal),
          amr = coalesce(latchkey.amr(t.session_id), t.amr),
          proof_ids = case when t.jkt is null then t.proof_ids else
            refresh.proof_id || case
              -- Until then the proof of the rotation before could be sent again.
              when now() < t.rotated_at + interval '5 minutes'
                then substring(t.proof_ids from 1 for 240)
              else ''
            end
          end,
          last_ip = refresh.actor_ip::inet,
          last_user_agent = nullif(left(refresh.user_agent, 512), t.user_agent),
          client = refresh.client,
          country = coalesce(refresh.country, t.country)
      from auth.sessions a, auth.users u, latchkey.settings s
      where t.session_id = refresh.session_id
        and t.secret_hash = refresh.secret_hash
        and t.generation <= refresh.generation
        and now() < t.active_until
        and (
          t.jkt is null
          or t.jkt = refresh.proof_jkt
            and not latchkey.is_proof_used(refresh.proof_id, t.proof_ids)
        )
        and a.id = t.session_id
        and u.id = t.user_id
        and u.deleted_at is null
        and (u.banned_until > now()) is not true
        and (s.aal1_timeout is null or not latchkey.aal1_expired(t))
        and not latchkey.client_changed(t, s, refresh.client, refresh.country)
      returning 'rotated', null, t.generation, null,
        latchkey.claims(t, u, s, refresh.issuer, 'token_refresh'),
        latchkey.user_data(u)
      into result;
      if found then
        result.access_token_seconds := latchkey.access_token_seconds(result.claims);
        exit decision;
      end if;

      -- Not the current token of an active session. Read again in a new snapshot,
      -- which shows what others committed in the meantime, to find out why.
      select t.* into token
      from latchkey.refresh_tokens t
      where t.session_id = refresh.session_id and t.secret_hash = refresh.secret_hash;
      if not found then
        result.outcome := 'unknown';
        exit decision;
      end if;

      state := latchkey.session_state(token.session_id, token.user_id);
      if state.outcome = 'revoked' and token.revoked_at is null then
        -- A trigger on Auth's tables missed what ended the session, because an error
        -- in a trigger is only a warning.
        perform latchkey.end_sessions(
          array[token.session_id], state.reason::text::latchkey.revoked_reason, null, null, null
        );
      end if;
      if state.outcome <> 'active' then
        result.outcome := state.outcome::text;
        result.reason := state.reason;
        exit decision;
      end if;
      if token.jkt is not null then
        if proof_id is null or token.jkt is distinct from proof_jkt then
          perform latchkey.record_refused_proof(token, actor_ip);
          result.outcome := 'proof_required';
          exit decision;
        end if;
        if latchkey.is_proof_used(proof_id, token.proof_ids) then
          result.outcome := 'replayed';
          exit decision;
        end if;
      end if;

      select s.* into strict settings from latchkey.settings s;
      is_recent := now()
        <= token.rotated_at + make_interval(secs => settings.reuse_interval_seconds);
      is_repeat := token.generation = refresh.generation + 1
        -- The holder of the key never got the answer: no copy could have used it.
        and (token.jkt is not null or is_recent);
      exit when token.generation > refresh.generation and not is_repeat;
      if latchkey.client_changed(token, settings, refresh.client, refresh.country) then
        client_changed := latchkey.record_client_change(
          token.session_id, settings, actor_ip, refresh.user_agent, refresh.client,
          refresh.country
        ) or client_changed;
        continue;
      end if;
      exit when is_repeat;
      -- The reason why the update did not match has disappeared between the two
      -- reads. Try once more.
    end loop;

    if token.generation <= refresh.generation then
      raise exception 'the session changed during each refresh attempt'
        using errcode = 'lock_not_available', hint = 'Nothing was written: try again.';
    end if;

    if is_repeat then
      if token.jkt is not null and not latchkey.use_proof(proof_id) then
        result.outcome := 'replayed';
        exit decision;
      end if;
      select u.* into account from auth.users u where u.id = token.user_id;
      -- The row has the level of the rotation. A factor may have been removed since.
      token.aal := coalesce(
        (select a.aal::text from auth.sessions a where a.id = token.session_id), token.aal
      );
      token.amr := coalesce(latchkey.amr(token.session_id), token.amr);
      select 'repeated', null, i.* into result
      from latchkey.issue_tokens(token, account, settings, issuer, 'token_refresh') i;
      exit decision;
    end if;

    -- A request that was captured or delayed must not end the session. So the nonce names
    -- the generation: such a proof is younger than the last rotation.
    if token.jkt is not null
      and (is_recent or proof_nonce_generation is distinct from token.generation) then
      result.outcome := 'nonce_required';
      result.generation := token.generation;
      exit decision;
    end if;

    perform latchkey.end_sessions(
      array[token.session_id], 'reuse', null, token.session_id, actor_ip
    );
    result.outcome := 'reused';
  end;

  result.client_changed := client_changed;
  result.database_time := latchkey.check_deadline(deadline);
  return result;
end
$$;

comment on function latchkey.refresh(uuid, integer, bytea, text, text, bytea, bytea, integer, text, text, text, timestamptz) is
  'Rotates a refresh token. Outcomes: rotated or repeated, with the generation of the new token; reused (the session was just revoked); proof_required, replayed, or nonce_required with the generation that the nonce must name (with such a nonce: try again later); revoked, expired or unknown. issuer is the claim iss. proof_jkt and proof_id as for login; proof_nonce_generation is the generation in the proof''s nonce, null if there is none. client is the program and the platform in user_agent, as it is compared with the last one; country is the country of actor_ip. Security definer: reads auth tables and writes refresh_tokens.';
