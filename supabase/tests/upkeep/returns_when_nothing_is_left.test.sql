-- It repeats batches for at most 3 seconds. With nothing left it returns earlier.
begin;
select plan(1);
create temp table started as select clock_timestamp() as at;
select latchkey.upkeep();
select cmp_ok(
  clock_timestamp() - at, '<', interval '2.5 seconds', 'it returns after a batch that is not full'
)
from started;

select * from finish();
rollback;
