-- The one place that knows how PostgREST turns an exception into an answer: the Data API
-- then answers 401 like the functions, with its own names: message for
-- error_description, and details for the reason.
--
-- Only for refusals that have written nothing: the exception rolls back.

create function latchkey.unauthorized(
  code text,
  error text,
  message text,
  details text,
  parameters text
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise sqlstate 'PGRST' using
    message = jsonb_build_object(
      'code', code, 'message', message, 'details', details, 'hint', null
    )::text,
    detail = jsonb_build_object(
      'status', 401,
      'headers', jsonb_build_object(
        'WWW-Authenticate',
        format('Bearer error="%s", error_description="%s"%s', error, message, parameters)
      )
    )::text;
end
$$;

comment on function latchkey.unauthorized(text, text, text, text, text) is
  'Raises what PostgREST answers with 401, with a challenge (RFC 6750). Internal: error is the OAuth word, message holds neither quotes nor backslashes, parameters are further ones of the challenge.';
