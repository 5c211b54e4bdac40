begin;
select plan(1);

select tests.sign_in('ann');
select tests.sign_in('bob');
update auth.users set encrypted_password = 'new'
where id = tests.get_supabase_uid('ann');
delete from auth.sessions where id = tests.session_id('bob');

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id in (
      tests.get_supabase_uid('ann'),
      tests.get_supabase_uid('bob')
    ) order by session_id$$,
  $$values (tests.session_id('ann'), null::text),
    (tests.session_id('bob'), 'signed_out')$$,
  'Another user signs out in the same transaction'
);

select * from finish();
rollback;
