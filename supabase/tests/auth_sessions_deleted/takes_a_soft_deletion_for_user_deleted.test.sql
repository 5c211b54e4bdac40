-- Supabase Auth marks the user, empties the password, then deletes the sessions.
begin;
select plan(1);

select tests.sign_in('ann');
select tests.sign_in('ann', 2);
update auth.users set deleted_at = now(), encrypted_password = ''
where id = tests.get_supabase_uid('ann');
delete from auth.sessions where user_id = tests.get_supabase_uid('ann');

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'user_deleted'),
    (tests.session_id('ann', 2), 'user_deleted')$$,
  'Not signed_out, and not password_changed'
);

select * from finish();
rollback;
