-- Auth's own role has no right on Latchkey's tables, and service_role has none either.
begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  'aaaaaaaa-0000-4000-8000-000000000001', sha256('ann-laptop'), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
);
create temp table sessions_of_auth as select id, user_id from auth.sessions;
create trigger signed_out after delete on sessions_of_auth
  referencing old table as deleted for each statement execute function latchkey.auth_sessions_deleted();
grant select, delete on sessions_of_auth to service_role;
set local role service_role;
delete from sessions_of_auth where id = 'aaaaaaaa-0000-4000-8000-000000000001';
reset role;

select results_eq(
  $$select session_id, revoked_reason::text from latchkey.refresh_tokens
    where user_id = 'aaaaaaaa-0000-4000-8000-000000000000' order by session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid, 'signed_out')$$,
  'The session is revoked'
);

select * from finish();
rollback;
