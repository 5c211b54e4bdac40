-- The end of a session must not fail for the lack of an audit trail.
begin;
select plan(4);

select tests.sign_in('ann');
alter table latchkey.session_events rename to session_events_away;

select lives_ok(
  $$select tests.end_session('ann')$$,
  'A session ends though its event cannot be written'
);
select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'admin')$$,
  'It is revoked'
);
select is_empty(
  $$select from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
  'Supabase Auth refuses its tokens too'
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
