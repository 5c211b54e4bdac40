begin;
select plan(1);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
update auth.users set encrypted_password = 'new'
where id = tests.get_supabase_uid('ann');
delete from auth.sessions where user_id = tests.get_supabase_uid('ann');

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'password_changed'),
    (tests.session_id('ann', 2), 'password_changed')$$,
  'All of them, with that reason'
);

select * from finish();
rollback;
