-- The hook is the function that the project may have for Supabase Auth already, and it
-- is called with the same event.
--
-- If the hook refuses, fails or takes too long, this function raises an error. That
-- rolls back the rotation for which the hook was called, so the caller's token stays
-- valid. A refusal that is returned as an outcome would replace the token.

create function latchkey.run_custom_access_token_hook(hook text, event jsonb)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  start constant timestamptz := clock_timestamp();
  given constant jsonb := event -> 'claims';
  answer jsonb;
  claims jsonb;
  expires_at bigint;
  wrong text;
begin
  -- If the hook's search_path does not name pg_temp, PostgreSQL looks for its types,
  -- tables and views in the connection's temporary schema first. Code that the caller
  -- put there would then run as the owner of the functions that call this one.
  if pg_my_temp_schema() <> 0 and exists (
    select from pg_catalog.pg_type mine
    join pg_catalog.pg_type other on other.typname = mine.typname
    where mine.typnamespace = pg_my_temp_schema()
      and other.typnamespace <> mine.typnamespace
      and not pg_is_other_temp_schema(other.typnamespace)
  ) then
    raise exception 'names in pg_temp shadow those of other schemas: the custom access token hook is not called'
      using errcode = 'insufficient_privilege';
  end if;

  begin
    execute format('select %s($1)', hook) into answer using event;
  exception when serialization_failure or deadlock_detected then
    -- PostgREST repeats a transaction for as long as it fails with one of these
    -- codes, and a hook may raise them every time.
    raise exception 'the custom access token hook failed: %', sqlerrm
      using errcode = 'LK503';
  end;
  if clock_timestamp() - start > interval '2 seconds' then
    -- The caller has given up.
    raise exception 'the custom access token hook took longer than 2 seconds'
      using errcode = 'query_canceled';
  end if;
  if answer -> 'error' ->> 'message' <> '' then
    raise exception '%', left(answer -> 'error' ->> 'message', 500)
      using errcode = 'LK403', detail = coalesce(answer -> 'error' ->> 'http_code', '');
  end if;

  claims := answer -> 'claims';
  if jsonb_typeof(claims) is distinct from 'object' then
    raise exception 'the custom access token hook returned no claims';
  end if;
  -- The schema that Supabase Auth checks a token against.
  select string_agg(c.name, ', ') into wrong
  from (values
    ('aal', '{string}'::text[], true),
    ('amr', '{array}', false),
    ('app_metadata', '{object}', false),
    ('aud', '{string,array}', true),
    ('client_id', '{string}', false),
    ('email', '{string}', true),
    ('exp', '{number}', true),
    ('iat', '{number}', true),
    ('is_anonymous', '{boolean}', true),
    ('iss', '{string}', false),
    ('jti', '{string}', false),
    ('nbf', '{number}', false),
    ('phone', '{string}', true),
    ('role', '{string}', true),
    ('session_id', '{string}', true),
    ('sub', '{string}', true),
    ('user_metadata', '{object}', false)
  ) c (name, types, required)
  where case
    when claims ? c.name then jsonb_typeof(claims -> c.name) <> all (c.types)
    else c.required
  end;
  if wrong is not null then
    raise exception 'the custom access token hook removed or retyped %', wrong;
  end if;
  -- A hook may not change whose token it is, or of which session.
  if claims -> 'sub' <> given -> 'sub' or claims -> 'session_id' <> given -> 'session_id' then
    raise exception 'the custom access token hook changed sub or session_id';
  end if;
  -- A hook that computes with extract(epoch from …) returns a fraction.
  expires_at := floor(least((claims ->> 'exp')::numeric, (given ->> 'exp')::numeric));
  -- A client would refresh immediately, again and again.
  if expires_at <= (given ->> 'iat')::bigint and expires_at < (given ->> 'exp')::bigint then
    raise exception 'the custom access token hook set exp to a time that has passed';
  end if;
  return claims || jsonb_build_object('exp', expires_at);
end
$$;

comment on function latchkey.run_custom_access_token_hook(text, jsonb) is
  'Runs the hook on Supabase Auth''s event and returns the hook''s claims. Raises LK403 with the hook''s message (and its HTTP status as detail) if the hook refuses, LK503 if it lost a race, and another error if it is broken. The hook may shorten exp but never prolong it.';
