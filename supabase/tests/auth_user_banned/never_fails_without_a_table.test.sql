begin;
select plan(1);

select tests.sign_in('ann');
alter table latchkey.refresh_tokens rename to refresh_tokens_away;

select lives_ok(
  $$update auth.users set banned_until = now() + interval '1 hour'
    where id = tests.get_supabase_uid('ann')$$,
  'A user is banned while Latchkey is broken'
);

select * from finish();
rollback;
