-- The functions connect as latchkey_functions, or call the Data API with a secret key.
begin;
select plan(1);

select tests.sign_in('ann');
create temp table answers (outcome text, generation integer);
grant insert on answers to latchkey_functions, service_role;
grant latchkey_functions to current_user with set true;

set local role latchkey_functions;
insert into answers select outcome::text, generation
from tests.refresh('ann', 0);
set local role service_role;
insert into answers select outcome::text, generation
from tests.refresh('ann', 1);
reset role;
select results_eq(
  'select * from answers',
  $$values ('rotated', 1), ('rotated', 2)$$,
  'they need no right on any table'
);

select * from finish();
rollback;
