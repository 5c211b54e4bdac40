-- The only place that knows how PostgREST turns an exception into an answer. The Data
-- API then answers 401 like the Edge Functions, but with PostgREST's names: message
-- instead of error_description, and details instead of reason.
--
-- Use it only for refusals that write nothing, because the exception rolls everything
-- back.

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
  'Raises an exception that PostgREST answers with 401 and a challenge (RFC 6750). Internal. error is the OAuth error code; message must not contain quotes or backslashes; parameters are additional parameters of the challenge.';
