-- It repeats batches for at most 3 seconds. With nothing left it must not use them.
begin;
select plan(1);

create temp table started as select clock_timestamp() as at;
select latchkey.upkeep();
select cmp_ok(
  clock_timestamp() - at, '<', interval '2.5 seconds', 'It ends as soon as a batch is not full'
)
from started;

select * from finish();
rollback;
