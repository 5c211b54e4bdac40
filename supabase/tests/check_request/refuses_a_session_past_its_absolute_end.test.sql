begin;
select plan(1);

select tests.create_auth_session('ann', 2);
select tests.sign_in('ann');
update latchkey.refresh_tokens set expires_at = now()
where session_id = tests.session_id('ann');
set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';
set local role authenticated;

select throws_like(
  'select latchkey.check_request()', '%"details": "expired"%', 'It has expired'
);
reset role;

select * from finish();
rollback;
