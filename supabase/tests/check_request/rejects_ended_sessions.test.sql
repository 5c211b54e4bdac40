begin;
select plan(14);
select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');

-- throws_ok() shows neither the whole message of an exception nor its detail.
create function pg_temp.rejection(
  claims jsonb default '{}', out state text, out message jsonb, out detail jsonb
)
language plpgsql as $$
declare
  message_text text;
  detail_text text;
begin
  perform tests.authenticate_as('ann', 1, claims);
  perform latchkey.check_request();
exception when others then
  get stacked diagnostics
    state = returned_sqlstate, message_text = message_text, detail_text = pg_exception_detail;
  message := message_text;
  detail := detail_text;
end
$$;

select is(
  tests.after(change, $$select state || ' ' || (message ->> 'details') from pg_temp.rejection()$$),
  expected, name
)
from (values
  ('a revoked session', $$select tests.end_session('ann')$$, 'PGRST admin'),
  ('a revoked session, strict',
    $$select tests.end_session('ann', 1, 'user'); update latchkey.settings set strict = true$$,
    'PGRST user'),
  ('an absolutely expired session', $$select tests.expire('ann', absolute => '0')$$,
    'PGRST expired'),
  ('an idle session', $$select tests.expire('ann', idle => '0')$$, 'PGRST expired')
) cases (name, change, expected);

select is(
  tests.after(
    'update latchkey.settings set strict = true',
    format(
      $$select concat_ws(' ', state, message ->> 'code', substring(message::text, 'session_id'))
        from pg_temp.rejection(%L)$$, claims
    )
  ),
  expected, 'strict: ' || name
)
from (values
  ('a session that only Supabase Auth knows',
    '{"session_id": "aaaaaaaa-0000-4000-8000-000000000002"}', 'PGRST invalid_jwt_claims session_id'),
  ('an unknown session',
    '{"session_id": "cccccccc-0000-4000-8000-000000000001"}', 'PGRST invalid_jwt_claims session_id'),
  ('a token without a session', '{"session_id": null}', 'PGRST invalid_jwt_claims session_id'),
  ('a session_id of another issuer',
    '{"session_id": "------------------------------------"}', 'PGRST invalid_jwt_claims session_id'),
  ('a session_id that is not text', '{"session_id": {"a": 1}}', 'PGRST invalid_jwt_claims session_id'),
  ('a role that the project defines', '{"role": "editor", "session_id": null}',
    'PGRST invalid_jwt_claims session_id')
) cases (name, claims, expected);

select is(
  tests.after($$select tests.end_session('ann')$$, 'select message from pg_temp.rejection()')::jsonb,
  '{
    "code": "token_revoked", "details": "admin", "hint": null,
    "message": "The session was ended. Sign in again."
  }'::jsonb,
  'PostgREST sends this body'
);
select is(
  tests.after($$select tests.end_session('ann')$$, 'select detail from pg_temp.rejection()')::jsonb,
  '{
    "status": 401,
    "headers": {
      "WWW-Authenticate":
        "Bearer error=\"invalid_token\", error_description=\"The session was ended. Sign in again.\""
    }
  }'::jsonb,
  'PostgREST sends this status and challenge'
);

select matches(
  tests.after(
    'update latchkey.settings set strict = true',
    $$select detail -> 'headers' ->> 'WWW-Authenticate'
      from pg_temp.rejection('{"session_id": null}')$$
  ),
  '^Bearer error="invalid_token", error_description="The claim session_id ',
  'strict: PostgREST sends this challenge'
);

-- A token may name any role of the database.
create role latchkey_test_editor nologin;
grant latchkey_test_editor to current_user with set true;
set local request.jwt.claims =
  '{"role": "latchkey_test_editor", "session_id": "cccccccc-0000-4000-8000-000000000001"}';
grant usage on schema latchkey to latchkey_test_editor;
grant execute on function latchkey.check_request(), latchkey.session_active()
  to latchkey_test_editor;
set local role latchkey_test_editor;
select latchkey.check_request();
select set_config('latchkey_test.active', latchkey.session_active()::text, true);
reset role;
select is(
  current_setting('latchkey_test.active'), 'false',
  'a role that the project defines passes the check, but a policy sees no active session'
);

select * from finish();
rollback;
