-- How a session was authenticated, built as Supabase Auth builds the claim. It is
-- read from Auth's table at every rotation, so the next token includes a factor that
-- was verified in the meantime, and an older token cannot remove it.

create function latchkey.amr(session_id uuid)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Not every Auth server has the table, for example the local one.
  if not coalesce(
    has_table_privilege(to_regclass('auth.mfa_amr_claims'), 'select'), false
  ) then
    return null;
  end if;
  return (
    select jsonb_agg(
      jsonb_strip_nulls(jsonb_build_object(
        'method', c.authentication_method,
        'timestamp', floor(extract(epoch from c.updated_at))::bigint,
        -- As in Auth: a user of SSO has one identity.
        'provider', case when c.authentication_method = 'sso/saml' then (
          select substr(min(i.provider), 5)
          from auth.sessions s join auth.identities i on i.user_id = s.user_id
          where s.id = c.session_id
          having count(*) = 1 and min(i.provider) like 'sso:%'
        ) end
      ))
      order by c.updated_at desc
    )
    from auth.mfa_amr_claims c
    where c.session_id = amr.session_id
  );
end
$$;

comment on function latchkey.amr(uuid) is
  'The claim amr of a session from Supabase Auth''s table, newest first; null if the table or the rows do not exist. Internal.';
