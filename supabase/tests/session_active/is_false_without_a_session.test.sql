-- Keys carry no session, and somebody who is not signed in has none.
begin;
select plan(4);

set local role anon;
select is(latchkey.session_active(), false, 'No claims at all');
set local request.jwt.claims = '{"role": "anon"}';
select is(latchkey.session_active(), false, 'A key of an app');
set local request.jwt.claims = '{"role": "authenticated", "session_id": ""}';
set local role authenticated;
select is(latchkey.session_active(), false, 'An empty session id');
set local request.jwt.claims = '{"role": "service_role"}';
set local role service_role;
select is(latchkey.session_active(), false, 'A secret key');
reset role;

select * from finish();
rollback;
