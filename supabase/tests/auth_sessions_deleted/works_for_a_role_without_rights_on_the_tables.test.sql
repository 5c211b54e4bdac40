-- Neither the role of Supabase Auth nor service_role has a right on Latchkey's tables.
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

select is(tests.sessions('ann'), '1 signed_out', 'the session is revoked');

select * from finish();
rollback;
