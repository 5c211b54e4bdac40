-- A soft-deleted user keeps the row in auth.users.
begin;
select plan(2);

select tests.create_auth_session('ann');
update auth.users set deleted_at = now() where id = tests.get_supabase_uid('ann');

select is(
  (latchkey.login(
    tests.session_id('ann'), sha256('seed'), 'aal1', '[]', null, null, null, null
  )).outcome,
  'unknown', 'A deleted user has no sessions'
);
select is_empty(
  $$select from latchkey.refresh_tokens
    where session_id = tests.session_id('ann')$$,
  'It leaves no row'
);

select * from finish();
rollback;
