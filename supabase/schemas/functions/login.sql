-- Puts a session that Supabase Auth has just created under Latchkey. Auth has checked
-- the credentials. The ban is checked here too, because from here on Latchkey keeps
-- the session active.

create function latchkey.login(
  session_id uuid,
  secret_hash bytea,
  aal text,
  amr text,
  user_agent text,
  ip text,
  device_name text,
  issuer text,
  proof_jkt bytea default null,
  proof_id bytea default null,
  client text default null,
  country text default null,
  device_hash bytea default null,
  deadline timestamptz default null
)
returns latchkey.login_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '3s'
set statement_timeout = '3s'
as $$
#variable_conflict use_column
declare
  result latchkey.login_result;
begin
  perform latchkey.check_deadline(deadline);

  <<decision>>
  declare
    auth_session constant auth.sessions := latchkey.lock_auth_session(login.session_id);
    account auth.users;
    settings latchkey.settings;
    token latchkey.refresh_tokens;
  begin
    select u.* into account
    from auth.users u
    where u.id = auth_session.user_id and u.deleted_at is null;
    if not found then
      result.outcome := 'unknown';
      exit decision;
    end if;
    select s.* into strict settings from latchkey.settings s;
    if account.banned_until > now() then
      result.outcome := 'banned';
    elsif settings.require_proof and proof_jkt is null then
      result.outcome := 'proof_required';
    elsif not latchkey.use_proof(proof_id) then
      result.outcome := 'replayed';
    else
      token := latchkey.start_session(
        auth_session, settings, secret_hash, null, aal, amr::jsonb, user_agent, ip,
        device_name, proof_jkt, client, country, device_hash
      );
      if token.session_id is null then
        result.outcome := 'refused';
        result.reason := 'session_limit';
      end if;
    end if;
    if result.outcome is not null then
      delete from auth.sessions s where s.id = login.session_id;
      exit decision;
    end if;

    select 'created', null, i.* into result
    from latchkey.issue_tokens(token, account, settings, issuer, 'password') i;
  end;

  result.database_time := latchkey.check_deadline(deadline);
  return result;
end
$$;

comment on function latchkey.login(uuid, bytea, text, text, text, text, text, text, bytea, bytea, text, text, bytea, timestamptz) is
  'Starts a session: outcome created, banned, proof_required, replayed, unknown, or refused with the limit as reason. proof_jkt is the thumbprint of the key to which the session is bound, proof_id as in used_proofs; both null if the client proved no key. client is the program and the platform in user_agent, country the country of ip, device_hash as in known_devices; each null if not known. amr is JSON text, ip the text of an address, issuer the claim iss. Security definer: reads auth tables and writes refresh_tokens.';
