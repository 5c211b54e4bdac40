-- With and without Auth's table of methods.
begin;
select plan(2);

select tests.create_auth_session('ann');

select is(
  latchkey.amr(tests.session_id('ann')), null::jsonb, 'No method, no claim'
);
select latchkey.login(
  tests.session_id('ann'), sha256('seed'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', null, null, null, null
);
select is(
  (latchkey.refresh(tests.session_id('ann'), 0, sha256('seed'), null, null)).claims -> 'amr',
  '[{"method": "password", "timestamp": 1}]'::jsonb, 'What the sign-in said stays'
);

select * from finish();
rollback;
