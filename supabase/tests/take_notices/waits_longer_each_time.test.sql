begin;
select plan(1);

select tests.create_auth_session('ann');
select tests.create_auth_session('ann', 2);
select tests.create_auth_session('ann', 3);
select tests.create_auth_session('ann', 4);
select latchkey.login(
  s.id, sha256(s.id::text::bytea), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)
from auth.sessions s where s.user_id = tests.get_supabase_uid('ann');

insert into latchkey.receivers (id, url, audience) values
  (tests.session_id('cat'), 'https://one.example/events', 'one'),
  (tests.session_id('cat', 2), 'https://two.example/events', 'two');

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
