-- A token of another issuer may carry anything; no function that reads it may raise.
begin;
select plan(13);
create temp table claims (claim text);
insert into claims values
  ('null'), ('""'), ('7'), ('{}'), ('["x"]'),
  ('"------------------------------------"'),
  ('"aaaaaaaa-0000-4000-8000-00000000000g"'),
  ('"aaaaaaaa-0000-4000-8000-000000000001 "'),
  ('"{aaaaaaaa-0000-4000-8000-000000000001}"');
grant select on claims to authenticated;
set local role authenticated;

select is(
  (latchkey.caller_session_id(), latchkey.session_active())::text, '(,f)',
  'session_id: ' || claim
)
from claims,
  lateral set_config(
    'request.jwt.claims',
    format('{"role": "authenticated", "session_id": %s}', claim), true
  );

set local request.jwt.claims =
  '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "role": "authenticated", "session_id": "------------------------------------"}';
select is_empty('select * from latchkey.sessions', 'the list of sessions is empty');
select is(
  latchkey.revoke_session(tests.session_id('ann')::text), false, 'revoke_session ends nothing'
);
select lives_ok('select latchkey.check_request()', 'check_request lets it through');
set local request.jwt.claims =
  '{"role": "authenticated", "session_id": "AAAAAAAA-0000-4000-8000-000000000001"}';
select is(
  latchkey.caller_session_id(), tests.session_id('ann'), 'a UUID in capitals is accepted'
);
reset role;

select * from finish();
rollback;
