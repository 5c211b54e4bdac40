begin;
select plan(3);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
select tests.end_session('ann');
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
set local role authenticated;

select throws_ok('select latchkey.check_request()', 'PGRST', null, 'PostgREST answers as this says');
reset role;

-- throws_ok() shows neither what the exception says in full nor its detail.
create function pg_temp.refusal(out message jsonb, out detail jsonb) language plpgsql as $$
declare
  message_text text;
  detail_text text;
begin
  perform latchkey.check_request();
exception when sqlstate 'PGRST' then
  get stacked diagnostics message_text = message_text, detail_text = pg_exception_detail;
  message := message_text;
  detail := detail_text;
end
$$;
select is(
  (pg_temp.refusal()).message,
  '{
    "code": "token_revoked", "details": "admin", "hint": null,
    "message": "The session was ended: sign in again."
  }'::jsonb,
  'The body'
);
select is(
  (pg_temp.refusal()).detail,
  '{
    "status": 401,
    "headers": {
      "WWW-Authenticate":
        "Bearer error=\"invalid_token\", error_description=\"The session was ended: sign in again.\""
    }
  }'::jsonb,
  'The status and the challenge'
);

select * from finish();
rollback;
