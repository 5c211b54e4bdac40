-- RFC 7662 for refresh tokens: whether refresh() would accept this one now. It only
-- reads: it does not rotate the token or end the session.

create function latchkey.introspect(
  session_id uuid,
  generation integer,
  secret_hash bytea
)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return (
    select jsonb_strip_nulls(jsonb_build_object(
      'sub', t.user_id,
      'session_id', t.session_id,
      'exp', floor(extract(epoch from t.active_until)),
      'iat', floor(extract(epoch from t.rotated_at)),
      'aal', t.aal,
      'role', coalesce(nullif(u.role, ''), 'authenticated'),
      'username', coalesce(nullif(u.email, ''), nullif(u.phone, ''))
    ))
    from latchkey.refresh_tokens t
    join auth.users u on u.id = t.user_id
    cross join latchkey.settings s
    where t.session_id = introspect.session_id
      and t.secret_hash = introspect.secret_hash
      and (
        -- The token is a generation ahead if the database was restored, see
        -- refresh().
        t.generation <= introspect.generation
        or t.generation = introspect.generation + 1
          and now() <= t.rotated_at + make_interval(secs => s.reuse_interval_seconds)
      )
      and (latchkey.session_state(t.session_id, t.user_id)).outcome = 'active'
  );
end
$$;

comment on function latchkey.introspect(uuid, integer, bytea) is
  'The RFC 7662 members for an authentic refresh token, or null if refresh() would not accept it. Security definer: reads auth.users and refresh_tokens.';
