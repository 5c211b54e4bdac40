begin;
select plan(7);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
update latchkey.settings set strict = true;
set local role authenticated;

set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": "aaaaaaaa-0000-4000-8000-000000000002"}';
select throws_like(
  'select latchkey.check_request()', '%"invalid_jwt_claims"%session_id%', 'A session that only Supabase Auth knows'
);
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": "cccccccc-0000-4000-8000-000000000001"}';
select throws_like(
  'select latchkey.check_request()', '%"invalid_jwt_claims"%session_id%', 'A session nobody knows'
);
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "email": ""}';
select throws_like(
  'select latchkey.check_request()', '%"invalid_jwt_claims"%session_id%', 'A token without a session'
);
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": "------------------------------------"}';
select throws_like(
  'select latchkey.check_request()', '%"invalid_jwt_claims"%session_id%', 'A session_id of another issuer'
);
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": {"a": 1}}';
select throws_like(
  'select latchkey.check_request()', '%"invalid_jwt_claims"%session_id%', 'A session_id that is no text'
);
set local request.jwt.claims = '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "editor"}';
select throws_like(
  'select latchkey.check_request()', '%"invalid_jwt_claims"%', 'A role of the project''s own'
);
reset role;
select tests.end_session('ann', 1, 'user');
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
set local role authenticated;

select throws_like(
  'select latchkey.check_request()', '%"token_revoked"%', 'One that has ended is still told so'
);
reset role;

select * from finish();
rollback;
