begin;
select plan(2);

select tests.sign_in('ann');
select tests.end_session('ann', 1, 'user');
delete from latchkey.refresh_tokens where session_id = tests.session_id('ann');

select results_eq(
  $$select event::text, reason::text from latchkey.session_events
    where session_id = tests.session_id('ann') and event <> 'session_created'$$,
  $$values ('authn_token_revoked', 'user')$$,
  'A session ends once'
);
select is(
  (select count(*) from realtime.messages
   where topic in (
     'session:' || tests.session_id('ann'),
     'user:' || tests.get_supabase_uid('ann')
   )),
  2::bigint, 'And is broadcast once'
);

select * from finish();
rollback;
