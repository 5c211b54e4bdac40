-- On a connection of their own, or with the secret key through the Data API.
begin;
select plan(2);

delete from latchkey.login_attempts;
create temp table answers (role text, wait integer);
grant insert on answers to latchkey_functions, service_role;
grant latchkey_functions to current_user with set true;

set local role latchkey_functions;
insert into answers select current_user, latchkey.attempt('ann@pgtap.example', '192.0.2.1');
select latchkey.settle_attempt('ann@pgtap.example', '192.0.2.1', true);
set local role service_role;
insert into answers select current_user, latchkey.attempt('ann@pgtap.example', '192.0.2.1');
select latchkey.settle_attempt('ann@pgtap.example', '192.0.2.1', false);
reset role;

select set_eq(
  'select * from answers',
  $$values ('latchkey_functions', 0), ('service_role', 0)$$,
  'They need no right on any table'
);
select is(
  (select max(failures) from latchkey.login_attempts where last_failed_at >= now()), 0,
  'And both ends of an attempt were counted'
);

select * from finish();
rollback;
