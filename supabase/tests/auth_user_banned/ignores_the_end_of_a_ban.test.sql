-- Signed in again after a ban that had run out.
begin;
select plan(1);

select tests.sign_in('ann');
update auth.users set banned_until = now() - interval '1 hour'
where id = tests.get_supabase_uid('ann');
update auth.users set banned_until = null where id = tests.get_supabase_uid('ann');

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), null::text)$$,
  'Lifting a ban ends nothing'
);

select * from finish();
rollback;
