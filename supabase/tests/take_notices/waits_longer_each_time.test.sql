begin;
select plan(1);

select tests.sign_in('ann', device) from generate_series(1, 4) device;

select tests.create_receivers();

delete from latchkey.receivers where audience = 'two';
select tests.end_session('ann');
create temp table waits (wait interval);
do $$
begin
  for attempt in 1..12 loop
    update latchkey.outbox set due_at = clock_timestamp() where user_id = tests.get_supabase_uid('ann');
    perform latchkey.take_notices(10, null);
    insert into waits
      select date_trunc('minute', due_at - clock_timestamp() + interval '30 seconds')
      from latchkey.outbox where user_id = tests.get_supabase_uid('ann');
  end loop;
end
$$;

select results_eq(
  $$select (extract(epoch from wait) / 60)::integer from waits$$,
  array[1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360],
  'From a minute to six hours'
);

select * from finish();
rollback;
