-- Which sessions end is for Supabase Auth to say.
begin;
select plan(2);

select tests.sign_in('ann');
update auth.users set encrypted_password = 'new'
where id = tests.get_supabase_uid('ann');

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null::text)$$,
  'A password that is touched ends no session'
);
select is_empty(
  $$select from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'user:' || tests.get_supabase_uid('ann')
    )$$,
  'Nobody is told'
);

select * from finish();
rollback;
