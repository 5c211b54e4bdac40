begin;
select plan(3);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
alter table latchkey.refresh_tokens rename to refresh_tokens_away;
alter table latchkey.session_events rename to session_events_away;

select lives_ok(
  $$update auth.users set encrypted_password = 'new'
    where id = tests.get_supabase_uid('ann')$$,
  'A password changes while Latchkey is broken'
);
select lives_ok(
  $$delete from auth.sessions where id = tests.session_id('ann', 2)$$,
  'And the other sessions end'
);
select results_eq(
  $$select id from auth.sessions where user_id = tests.get_supabase_uid('ann')
    order by id$$,
  $$values (tests.session_id('ann'))$$,
  'In Supabase Auth'
);

select * from finish();
rollback;
