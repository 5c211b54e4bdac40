-- What an access token says of a user, and what an app gets as session.user,
-- each in one place. Read fresh at every refresh, so that a change of role or
-- metadata is in the next token. The functions add iss, iat and exp.

create function latchkey.claims(token latchkey.refresh_tokens, account auth.users)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'sub', account.id,
    'aud', coalesce(nullif(account.aud, ''), 'authenticated'),
    'role', coalesce(nullif(account.role, ''), 'authenticated'),
    'email', coalesce(account.email, ''),
    'phone', coalesce(account.phone, ''),
    'app_metadata', coalesce(account.raw_app_meta_data, '{}'),
    'user_metadata', coalesce(account.raw_user_meta_data, '{}'),
    'is_anonymous', account.is_anonymous,
    'aal', token.aal,
    'amr', token.amr,
    'session_id', token.session_id
  );
end
$$;

comment on function latchkey.claims(latchkey.refresh_tokens, auth.users) is
  'The claims of an access token, as Supabase Auth''s, without iss, iat and exp.';

create function latchkey.user_data(account auth.users)
returns jsonb
language plpgsql
stable
set search_path = ''
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
