-- The first reason stays.
begin;
select plan(3);

select tests.sign_in('ann');
select tests.end_session('ann', 1, 'reuse');

create temp table before as
  select * from latchkey.refresh_tokens
  where session_id = tests.session_id('ann');

select is(
  tests.end_session('ann', 1, 'user'),
  0, 'A session that is over is not ended again'
);
select results_eq(
  $$select * from latchkey.refresh_tokens
    where session_id = tests.session_id('ann')$$,
  'select * from before', 'Its time and reason stay'
);
select is(
  (select count(*) from latchkey.session_events
   where session_id = tests.session_id('ann') and event <> 'session_created'),
  1::bigint, 'It is one event'
);

select * from finish();
rollback;
