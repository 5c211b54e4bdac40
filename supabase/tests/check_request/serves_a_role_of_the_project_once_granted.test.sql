-- A token may name any role of the database.
begin;
select plan(1);

create role latchkey_test_editor nologin;
grant latchkey_test_editor to current_user with set true;
set local request.jwt.claims =
  '{"role": "latchkey_test_editor", "session_id": "aaaaaaaa-0000-4000-8000-000000000001"}';

grant usage on schema latchkey to latchkey_test_editor;
grant execute on function latchkey.check_request(), latchkey.session_active()
  to latchkey_test_editor;
set local role latchkey_test_editor;
select latchkey.check_request();
select set_config('latchkey_test.active', latchkey.session_active()::text, true);
reset role;

select is(
  current_setting('latchkey_test.active'), 'false', 'Both were asked, and a policy would be closed'
);

select * from finish();
rollback;
