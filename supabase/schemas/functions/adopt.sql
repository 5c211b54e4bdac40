-- Takes over a session that Supabase Auth created in any other way. The Edge Function
-- has verified the caller's access token of that session. If the session is adopted
-- twice, or by two tabs at the same time, all callers get the same tokens: the first
-- call starts the session, and the others get its nonce, from which the Edge Function
-- derives the seed.

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
  issuer text,
  issued_at bigint,
  proof_jkt bytea default null,
  proof_id bytea default null,
  client text default null,
  country text default null,
  device_hash bytea default null,
  deadline timestamptz default null
)
returns latchkey.adopt_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '3s'
set statement_timeout = '3s'
as $$
#variable_conflict use_column
declare
  result latchkey.adopt_result;
begin
  perform latchkey.check_deadline(deadline);

  <<decision>>
  declare
    -- Adoptions of one session run one after the other.
    auth_session constant auth.sessions := latchkey.lock_auth_session(adopt.session_id);
    state latchkey.session_state_result;
    account auth.users;
    settings latchkey.settings;
    token latchkey.refresh_tokens;
    -- Read from Auth's tables how the user signed in, because the access token may be
    -- older.
    actual_aal text;
    actual_amr jsonb;
  begin
    select u.* into account from auth.users u where u.id = adopt.user_id;
    if account.banned_until > now() then
      result.outcome := 'banned';
      exit decision;
    end if;
    state := latchkey.session_state(adopt.session_id, adopt.user_id);
    if state.outcome = 'active' and auth_session.not_after <= now() then
      state := ('expired', 'absolute');
    end if;
    if state.outcome <> 'active' then
      result.outcome := state.outcome::text;
      result.reason := state.reason;
      exit decision;
    end if;
    if latchkey.is_oauth_client(adopt.session_id) then
      result.outcome := 'oauth_client';
      exit decision;
    end if;

    select s.* into strict settings from latchkey.settings s;
    actual_aal := coalesce(auth_session.aal::text, adopt.aal);
    actual_amr := coalesce(latchkey.amr(adopt.session_id), adopt.amr::jsonb);

    select t.* into token
    from latchkey.refresh_tokens t where t.session_id = adopt.session_id;
    if found then
      -- A copy of the access token alone must not be enough to take over a session that
      -- is bound to a key.
      if token.jkt is not null and token.jkt is distinct from proof_jkt then
        result.outcome := 'managed';
        exit decision;
      end if;
      -- Auth also issues access tokens later, for example to a user who enrols a
      -- second factor. That needs only an access token of Latchkey, so such a token
      -- may not adopt. Its iat is from Auth's clock, which may be ahead of the
      -- database's.
      if token.adoption_nonce is null
        or (adopt.issued_at <= extract(epoch from token.created_at) + 5) is not true then
        result.outcome := 'managed';
        exit decision;
      end if;
      if not latchkey.use_proof(proof_id) then
        result.outcome := 'replayed';
        exit decision;
      end if;
      result.outcome := 'repeated';
      token.aal := actual_aal;
      token.amr := actual_amr;
    else
      if settings.require_proof and proof_jkt is null then
        result.outcome := 'proof_required';
        exit decision;
      end if;
      if not latchkey.use_proof(proof_id) then
        result.outcome := 'replayed';
        exit decision;
      end if;
      token := latchkey.start_session(
        auth_session, settings, secret_hash, adoption_nonce, actual_aal, actual_amr,
        user_agent, ip, device_name, proof_jkt, client, country, device_hash
      );
      if token.session_id is null then
        result.outcome := 'refused';
        result.reason := 'session_limit';
        exit decision;
      end if;
      result.outcome := 'created';
    end if;

    select result.outcome, null, i.*, token.adoption_nonce into result
    from latchkey.issue_tokens(
      token, account, settings, issuer, coalesce(token.amr -> 0 ->> 'method', 'token_refresh')
    ) i;
  end;

  result.database_time := latchkey.check_deadline(deadline);
  return result;
end
$$;

comment on function latchkey.adopt(uuid, uuid, bytea, bytea, text, text, text, text, text, text, bigint, bytea, bytea, text, text, bytea, timestamptz) is
  'Takes over a session that Supabase Auth created. Outcomes: created; repeated with the nonce of the first adoption; managed (the session began at /login with a password, is bound to another key, or the access token was issued after the adoption); oauth_client (the session of an OAuth client); banned; refused with the limit as reason; proof_required; replayed; or the state of a session that is not active. proof_jkt, proof_id, client, country and device_hash as for login. aal and amr are those of the access token, for an Auth server that does not store them. Security definer: reads auth tables and writes refresh_tokens.';
