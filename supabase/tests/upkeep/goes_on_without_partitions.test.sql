begin;
select plan(2);

select tests.sign_in('ann', device) from generate_series(1, 4) device;

update latchkey.refresh_tokens set idle_expires_at = now() - interval '31 days' where session_id = tests.session_id('ann');
create or replace function latchkey.prepare_partitions() returns integer
language plpgsql volatile set search_path = '' as $$
begin
  raise lock_not_available;
end
$$;

select is(latchkey.upkeep() @> '{"sessions": 1}', true, 'The rest is done');
select is_empty(
  $$select from latchkey.refresh_tokens where session_id = tests.session_id('ann')$$, 'And stays done'
);

select * from finish();
rollback;
