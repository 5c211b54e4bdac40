-- Not even the secret key reads the table.
begin;
select plan(3);

select tests.sign_in('ann');
grant latchkey_functions to current_user with set true;
grant usage on schema extensions to latchkey_functions;

set local role anon;
select throws_ok(
  'select session_id from latchkey.refresh_tokens', '42501', null, 'anon'
);
set local role service_role;
select throws_ok(
  'select session_id from latchkey.refresh_tokens', '42501', null, 'service_role'
);
set local role latchkey_functions;
select throws_ok(
  'select session_id from latchkey.refresh_tokens', '42501', null, 'latchkey_functions'
);
reset role;

select * from finish();
rollback;
