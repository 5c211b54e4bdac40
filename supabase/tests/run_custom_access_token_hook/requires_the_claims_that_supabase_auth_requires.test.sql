-- Supabase Auth rejects a token without one of these claims, or with a claim of
-- another type.
begin;
select plan(34);
-- The event says what the hook does with the claims.
create function public.pgtap_hook(event jsonb) returns jsonb language sql as
  $$select jsonb_build_object('claims', (event -> 'claims') - (event ->> 'remove') || (event -> 'add'))$$;
create function pg_temp.run(remove text, add jsonb) returns jsonb language sql as $$
  select latchkey.run_custom_access_token_hook('public.pgtap_hook', jsonb_build_object(
    'remove', remove, 'add', add, 'claims', '{
      "aal": "aal1", "amr": [], "app_metadata": {}, "aud": "authenticated", "client_id": "x",
      "email": "", "exp": 2000000900, "iat": 2000000000, "is_anonymous": false, "iss": "x",
      "jti": "x", "nbf": 2000000000, "phone": "", "role": "authenticated",
      "session_id": "aaaaaaaa-0000-4000-8000-000000000001",
      "sub": "aaaaaaaa-0000-4000-8000-000000000000", "user_metadata": {}
    }'::jsonb
  ))
$$;
create temp table claims as
select name, true as required
from unnest('{aal,aud,email,exp,iat,is_anonymous,phone,role,session_id,sub}'::text[]) name
union all
select name, false
from unnest('{amr,app_metadata,client_id,iss,jti,nbf,user_metadata}'::text[]) name;

select throws_ok(
  format('select pg_temp.run(%L, %L)', name, '{}'),
  'the custom access token hook removed or retyped ' || name,
  'it requires ' || name
)
from claims where required;
select lives_ok(
  format('select pg_temp.run(%L, %L)', name, '{}'), 'it does not require ' || name
)
from claims where not required;
select throws_ok(
  format('select pg_temp.run(%L, %L)', '', jsonb_build_object(name, null)),
  'the custom access token hook removed or retyped ' || name,
  'it checks the type of ' || name
)
from claims;

select * from finish();
rollback;
