-- The header is the client's to choose: its length must not fail a sign-in.
begin;
select plan(2);

select tests.create_auth_session('ann');

select is(
  (latchkey.login(
    tests.session_id('ann'), sha256('seed'), 'aal1', '[]', repeat('x', 513), null, null, null
  )).outcome,
  'created', 'A User-Agent of any length signs in'
);
select is(
  (select length(user_agent) from latchkey.refresh_tokens
   where session_id = tests.session_id('ann')),
  512, '512 characters of it are kept'
);

select * from finish();
rollback;
