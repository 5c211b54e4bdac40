-- An audit trail that goes with its subject is none.
begin;
select plan(1);

select tests.sign_in('ann');
delete from auth.users where id = tests.get_supabase_uid('ann');

select bag_eq(
  $$select event::text from latchkey.session_events
    where user_id = tests.get_supabase_uid('ann')$$,
  $$values ('session_created'), ('authn_token_revoked')$$,
  'The events of a deleted user stay'
);

select * from finish();
rollback;
