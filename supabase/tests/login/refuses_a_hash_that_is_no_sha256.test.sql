-- A bug of the caller, so it raises.
begin;
select plan(2);

select tests.create_auth_session('ann');

select throws_ok(
  $$select latchkey.login(
      tests.session_id('ann'), 'a short hash', 'aal1', '[]', null, null, null, null
    )$$,
  '23514', null, 'A hash of another length is refused'
);
select throws_ok(
  $$select latchkey.login(tests.session_id('ann'), null, 'aal1', '[]', null, null, null, null)$$,
  '23502', null, 'No hash is refused'
);

select * from finish();
rollback;
