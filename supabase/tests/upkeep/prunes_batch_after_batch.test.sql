begin;
select plan(3);
select tests.sign_in('ann');
select tests.expire('ann', idle => '31 days');
do $$
begin
  execute 'drop table latchkey.session_events_' || to_char(now() at time zone 'UTC', 'YYYY_MM');
end
$$;
insert into latchkey.session_events (created_at, event, session_id, user_id)
select '2001-01-01', 'session_created', tests.session_id('ann'), tests.get_supabase_uid('ann') from generate_series(1, 10001);

set local role service_role;
select is(
  latchkey.upkeep() @> '{"partitions": 1, "events": 10001, "sessions": 1}', true,
  'service_role may call it, and it deletes more than one batch'
);
select is(
  latchkey.upkeep() @> '{"partitions": 0, "events": 0, "sessions": 0}', true,
  'a second call finds nothing to do'
);
set local role authenticated;
select throws_ok('select latchkey.upkeep()', '42501', null, 'a user may not call it');
reset role;

select * from finish();
rollback;
