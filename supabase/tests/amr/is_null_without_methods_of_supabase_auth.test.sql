-- With and without the table of methods that newer versions of Supabase Auth have.
begin;
select plan(2);
select tests.create_auth_session('ann');

select is(
  latchkey.amr(tests.session_id('ann')), null::jsonb, 'without a method there is no claim'
);
select latchkey.login(
  tests.session_id('ann'), sha256('seed'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', null, null, null, null
);
select is(
  (latchkey.refresh(tests.session_id('ann'), 0, sha256('seed'), null, null)).claims -> 'amr',
  '[{"method": "password", "timestamp": 1}]'::jsonb, 'the methods of the sign-in remain'
);

select * from finish();
rollback;
