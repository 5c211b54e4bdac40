-- A bug of the caller, so it raises.
begin;
select plan(2);

select tests.sign_in('ann');

select throws_ok(
  $$select tests.end_session('ann', 1, 'because')$$,
  '22P02', null, 'A reason outside of the vocabulary'
);
select throws_ok(
  $$select latchkey.end_sessions(array[tests.session_id('ann')]::uuid[], null, null, null, null)$$,
  '23514', null, 'No reason'
);

select * from finish();
rollback;
