begin;
select plan(14);
select tests.sign_in('ann', device) from generate_series(1, 3) device;
delete from latchkey.receivers;
select tests.create_receivers();

-- The notices of ann's sessions that a call takes: 'one 1, two 1'.
create function pg_temp.take(batch integer default 10, receiver uuid default null)
returns text language sql volatile as $$
  select coalesce(string_agg(
    concat_ws(' ', n ->> 'audience', right(n -> 'payload' -> 'data' ->> 'session_id', 1)), ', '
    order by n ->> 'audience', n -> 'payload' -> 'data' ->> 'session_id'
  ), 'none')
  from jsonb_array_elements(latchkey.take_notices(batch, receiver)) n;
$$;
create function pg_temp.make_due() returns void language sql as $$
  update latchkey.outbox set due_at = now();
$$;

select is(tests.after(change, query), expected, name)
from (values
  ('a batch counts for each receiver, so that no queue delays another',
    $$select tests.end_session('ann', device) from generate_series(1, 3) device;
      delete from latchkey.outbox
      where receiver_id = tests.session_id('cat', 2)
        and payload -> 'data' ->> 'session_id' <> tests.session_id('ann')::text$$,
    $$select concat_ws('; ', pg_temp.take(2), pg_temp.take(2))$$, 'one 1, one 2, two 1; one 3'),
  ('a notice goes to one caller', $$select tests.end_session('ann'); select pg_temp.take()$$,
    'select pg_temp.take()', 'none'),
  ('a notice that was not settled is handed out again when it is due',
    $$select tests.end_session('ann'); select pg_temp.take(); select pg_temp.make_due()$$,
    'select pg_temp.take()', 'one 1, two 1'),
  ('a notice for a disabled receiver waits',
    $$select tests.end_session('ann'); update latchkey.receivers set enabled = false where audience = 'one'$$,
    'select pg_temp.take()', 'two 1'),
  ('and is handed out when the receiver is enabled again',
    $$select tests.end_session('ann'); update latchkey.receivers set enabled = false where audience = 'one';
      select pg_temp.take(); update latchkey.receivers set enabled = true$$,
    'select pg_temp.take()', 'one 1'),
  ('a caller can take those of one receiver',
    $$select tests.end_session('ann', device) from generate_series(1, 2) device$$,
    $$select pg_temp.take(10, tests.session_id('cat'))$$, 'one 1, one 2'),
  ('a receiver that asked for a pause gets nothing',
    $$select tests.end_session('ann');
      update latchkey.receivers set resume_at = now() + interval '1 minute' where audience = 'one'$$,
    'select pg_temp.take()', 'two 1'),
  ('until the pause is over',
    $$select tests.end_session('ann');
      update latchkey.receivers set resume_at = now() where audience = 'one'$$,
    'select pg_temp.take()', 'one 1, two 1'),
  ('without notices the list is empty', 'select', 'select latchkey.take_notices(10, null)', '[]'),
  ('without an enabled receiver the answer is null, so that the functions ask less often',
    'update latchkey.receivers set enabled = false', 'select latchkey.take_notices(10, null)', null)
) cases (name, change, query, expected);

delete from latchkey.receivers where audience = 'two';
select tests.end_session('ann', 1, 'reuse');
create temp table taken as select n from jsonb_array_elements(latchkey.take_notices(10, null)) n;
select pg_temp.make_due();
select results_eq(
  $$select n - 'payload', n -> 'payload' -> 'data' from jsonb_array_elements(latchkey.take_notices(10, null)) n$$,
  $$select jsonb_build_object('id', n -> 'id') || '{
    "receiver_id": "cccccccc-0000-4000-8000-000000000001",
    "url": "https://one.example/events", "format": "caep", "audience": "one", "secrets": []
  }'::jsonb, '{
    "session_id": "aaaaaaaa-0000-4000-8000-000000000001",
    "user_id": "aaaaaaaa-0000-4000-8000-000000000000",
    "reason": "reuse", "initiating_entity": "policy", "ip": "192.0.2.1", "user_agent": "Firefox"
  }'::jsonb from taken$$,
  'a notice has all that is needed to send it, and the same id each time'
);

insert into latchkey.receivers (url, format, secrets) values
  ('https://three.example/', 'standard_webhooks',
   array[tests.webhook_secret('a'), tests.webhook_secret('b'), tests.webhook_secret('c')]);
delete from latchkey.outbox;
select tests.end_session('ann', 2);
select results_eq(
  $$select n -> 'format', n -> 'secrets' from jsonb_array_elements(latchkey.take_notices(10, null)) n
    where n ->> 'url' like '%three%'$$,
  $$select '"standard_webhooks"'::jsonb,
      jsonb_build_array(tests.webhook_secret('a'), tests.webhook_secret('b'))$$,
  'the first two secrets sign'
);
delete from latchkey.receivers where url like '%three%';

create temp table waits (n serial, minutes numeric);
update latchkey.outbox set attempts = 0;
do $$
begin
  for attempt in 1..12 loop
    perform pg_temp.make_due(), latchkey.take_notices(10, null);
    insert into waits (minutes)
      select extract(epoch from due_at - clock_timestamp()) / 60 from latchkey.outbox;
  end loop;
end
$$;
select is_empty(
  $$select w.n, w.minutes
    from waits w join unnest(array[1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360])
      with ordinality expected (minutes, n) using (n)
    where w.minutes not between 0.89 * expected.minutes and 1.1 * expected.minutes$$,
  'after each attempt it waits longer, from a minute to six hours, give or take a tenth'
);
select is(
  (select count(distinct round(w.minutes / expected.minutes, 3)) > 1 from waits w
    join unnest(array[1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360])
      with ordinality expected (minutes, n) using (n)),
  true, 'and not the same tenth each time'
);

select * from finish();
rollback;
