-- Auth's own role has no right on Latchkey's tables, and service_role has none either.
begin;
select plan(1);

select tests.sign_in('ann');
create temp table sessions_of_auth as select id, user_id from auth.sessions;
create trigger signed_out after delete on sessions_of_auth
  referencing old table as deleted for each statement execute function latchkey.auth_sessions_deleted();
grant select, delete on sessions_of_auth to service_role;
set local role service_role;
delete from sessions_of_auth where id = tests.session_id('ann');
reset role;

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values (tests.session_id('ann'), 'signed_out')$$,
  'The session is revoked'
);

select * from finish();
rollback;
