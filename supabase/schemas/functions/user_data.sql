-- The object that an app gets as session.user.

create function latchkey.user_data(account auth.users)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_strip_nulls(jsonb_build_object(
    'id', account.id,
    'aud', coalesce(nullif(account.aud, ''), 'authenticated'),
    'role', coalesce(nullif(account.role, ''), 'authenticated'),
    'email', account.email,
    'email_confirmed_at', account.email_confirmed_at,
    'phone', coalesce(account.phone, ''),
    'phone_confirmed_at', account.phone_confirmed_at,
    'confirmed_at', account.confirmed_at,
    'last_sign_in_at', account.last_sign_in_at,
    'is_anonymous', account.is_anonymous,
    'created_at', account.created_at,
    'updated_at', account.updated_at
  )) || jsonb_build_object(
    'app_metadata', coalesce(account.raw_app_meta_data, '{}'),
    'user_metadata', coalesce(account.raw_user_meta_data, '{}')
  );
end
$$;

comment on function latchkey.user_data(auth.users) is
  'What supabase-js calls a User, without its identities.';
