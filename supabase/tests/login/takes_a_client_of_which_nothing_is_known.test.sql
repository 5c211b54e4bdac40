begin;
select plan(1);

select tests.create_auth_session('ann');

select is(
  (latchkey.login(
    tests.session_id('ann'), sha256('seed'), 'aal1', '[]', null, null, null, null
  )).outcome,
  'created', 'User agent, address and device name may be missing'
);

select * from finish();
rollback;
