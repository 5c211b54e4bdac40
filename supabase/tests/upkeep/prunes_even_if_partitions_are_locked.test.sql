begin;
select plan(2);
select tests.sign_in('ann');
select tests.expire('ann', idle => '31 days');
create or replace function latchkey.prepare_partitions() returns integer
language plpgsql volatile set search_path = '' as $$
begin
  raise lock_not_available;
end
$$;

select is(latchkey.upkeep() @> '{"sessions": 1}', true, 'the rest is pruned');
select is_empty(
  $$select from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$, 'the deletion is kept'
);

select * from finish();
rollback;
