-- The end of a session deletes the row of Supabase Auth, which comes back here.
begin;
select plan(2);

select tests.sign_in('ann');
select tests.end_session('ann', 1, 'banned');

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'banned')$$,
  'The reason is not overwritten'
);
select is(
  (select count(*) from latchkey.session_events
   where session_id = tests.session_id('ann') and event <> 'session_created'),
  1::bigint, 'It is one event'
);

select * from finish();
rollback;
