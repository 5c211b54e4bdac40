begin;
select plan(1);

select tests.sign_in('ann');
update auth.users set banned_until = now() + interval '1 hour'
where id = tests.get_supabase_uid('ann');
update auth.users set banned_until = now() + interval '9 hours'
where id = tests.get_supabase_uid('ann');

select is(
  (select count(*) from latchkey.session_events
   where session_id = tests.session_id('ann') and event <> 'session_created'),
  1::bigint, 'What is over does not end again'
);

select * from finish();
rollback;
