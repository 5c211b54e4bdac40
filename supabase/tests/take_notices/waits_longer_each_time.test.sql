begin;
select plan(1);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id) values
  ('aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000002', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000003', 'aaaaaaaa-0000-4000-8000-000000000000'),
  ('aaaaaaaa-0000-4000-8000-000000000004', 'aaaaaaaa-0000-4000-8000-000000000000');
select latchkey.login(
  s.id, sha256(s.id::text::bytea), 'aal1',
  '[{"method": "password", "timestamp": 1}]', 'Firefox', '192.0.2.1', 'Laptop', null
)
from auth.sessions s where s.user_id = 'aaaaaaaa-0000-4000-8000-000000000000';

insert into latchkey.receivers (id, url, audience) values
  ('cccccccc-0000-4000-8000-000000000001', 'https://one.example/events', 'one'),
  ('cccccccc-0000-4000-8000-000000000002', 'https://two.example/events', 'two');

delete from latchkey.receivers where audience = 'two';
select latchkey.end_sessions(array['aaaaaaaa-0000-4000-8000-000000000001']::uuid[], 'admin', null, null, null);
create temp table waits (wait interval);
do $$
begin
  for attempt in 1..12 loop
    update latchkey.outbox set due_at = clock_timestamp() where user_id = 'aaaaaaaa-0000-4000-8000-000000000000';
    perform latchkey.take_notices(10, null);
    insert into waits
      select date_trunc('minute', due_at - clock_timestamp() + interval '30 seconds')
      from latchkey.outbox where user_id = 'aaaaaaaa-0000-4000-8000-000000000000';
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
