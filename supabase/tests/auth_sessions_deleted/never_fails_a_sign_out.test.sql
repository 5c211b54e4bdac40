-- Latchkey is broken: Supabase Auth must not be.
begin;
select plan(2);

select tests.sign_in('ann');
alter table latchkey.refresh_tokens rename to refresh_tokens_away;

select lives_ok(
  $$delete from auth.sessions where id = tests.session_id('ann')$$,
  'A sign-out does not need Latchkey'
);
select is_empty(
  $$select from auth.sessions where id = tests.session_id('ann')$$,
  'It is done'
);

select * from finish();
rollback;
