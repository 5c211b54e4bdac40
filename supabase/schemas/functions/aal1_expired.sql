-- Supabase Auth enforces its limit for AAL1 sessions only at its own refresh, and
-- only for users who have a verified second factor. This function uses the same rule.

create function latchkey.aal1_expired(token latchkey.refresh_tokens)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(
    now() < token.created_at + (select s.aal1_timeout from latchkey.settings s), true
  ) then
    return false;
  end if;
  -- The row has the level of the last rotation. The user may have verified a factor
  -- since.
  if coalesce(
    (select s.aal::text from auth.sessions s where s.id = token.session_id), token.aal
  ) <> 'aal1' then
    return false;
  end if;
  -- An Auth server without second factors has no such table, for example the local
  -- one.
  if to_regclass('auth.mfa_factors') is null then
    return false;
  end if;
  return exists (
    select from auth.mfa_factors f
    where f.user_id = token.user_id and f.status::text = 'verified'
  );
end
$$;

comment on function latchkey.aal1_expired(latchkey.refresh_tokens) is
  'Whether settings.aal1_timeout has passed for a session whose user has a second factor and has not verified it. Internal.';
