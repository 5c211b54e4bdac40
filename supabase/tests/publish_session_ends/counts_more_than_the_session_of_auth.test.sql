-- Something of the app hangs on auth.sessions and refuses the deletion.
begin;
select plan(3);

select tests.sign_in('ann');
create function pg_temp.refuse() returns trigger language plpgsql
as 'begin raise exception ''This row stays''; end';
create trigger refuse before delete on auth.sessions
  for each row execute function pg_temp.refuse();

select lives_ok(
  $$select tests.end_session('ann')$$,
  'A session ends though Supabase Auth keeps its row'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'admin')$$,
  'It is revoked'
);
select is(
  (select count(*) from realtime.messages
   where topic in (
     'session:' || tests.session_id('ann'),
     'user:' || tests.get_supabase_uid('ann')
   )),
  2::bigint, 'It is broadcast'
);

select * from finish();
rollback;
