begin;
select plan(4);

select tests.sign_in('ann');
select tests.authenticate_as('ann');

select is(latchkey.revoke_session(null), false, 'There is nothing to end');
select is(latchkey.revoke_session('lkr_AQEB'), false, 'A token is not a session id');
select is(latchkey.revoke_session(''), false, 'Nor is an empty text');
reset role;
select is(
  (select revoked_at from latchkey.refresh_tokens
   where session_id = tests.session_id('ann')),
  null, 'And nothing ends'
);

select * from finish();
rollback;
