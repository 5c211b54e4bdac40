-- A hard deletion leaves no row of the session.
begin;
select plan(2);

select tests.sign_in('ann');
delete from auth.users where id = tests.get_supabase_uid('ann');

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('ann'), tests.get_supabase_uid('ann')
    )$$,
  $$values ('revoked', 'user_deleted')$$,
  'The access token outlives its user'
);

select results_eq(
  'select outcome::text, reason::text from latchkey.session_state(null, null)',
  $$values ('revoked', 'user_deleted')$$,
  'No session of no user'
);

select * from finish();
rollback;
