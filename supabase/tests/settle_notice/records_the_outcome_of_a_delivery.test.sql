begin;
select plan(15);
delete from latchkey.receivers;
select tests.create_receivers();
insert into latchkey.outbox (id, receiver_id, payload, created_at)
  select tests.session_id('ann', device), tests.session_id('cat'), '{}',
    case when device in (1, 4) then now() - interval '73 hours' else now() end
  from generate_series(1, 5) device;
select latchkey.take_notices(10, null);

select is(
  latchkey.settle_notice(
    tests.session_id('ann', notice), delivery::latchkey.notice_outcome, answer
  )::text, expected, name
)
from (values
  ('delivered', 1, 'delivered', '202', 'delivered'),
  ('rejected by the receiver', 2, 'refused', '400 invalid_key', 'refused'),
  ('failed, to be sent again', 3, 'failed', '503', 'failed'),
  ('given up after three days', 4, 'failed', repeat('x', 300), 'given_up')
) cases (name, notice, delivery, answer, expected);
select results_eq(
  $$select outcome::text, last_answer, settled_at is not null from latchkey.outbox
    where id < tests.session_id('ann', 5) order by id$$,
  $$values ('delivered', '202', true), ('refused', '400 invalid_key', true),
    (null, '503', false), ('given_up', repeat('x', 200), true)$$,
  'the outcomes and the last answers are stored'
);
select is(
  latchkey.settle_notice(tests.session_id('ann'), 'failed', '503'), null,
  'a later failure does not replace a success'
);
select is(
  latchkey.settle_notice(gen_random_uuid(), 'delivered', '202'), null, 'an unknown notice has no outcome'
);
select results_eq(
  'select enabled, resume_at from latchkey.receivers',
  'values (true, null::timestamptz), (true, null)', 'the receivers go on'
);

-- What a receiver asks for concerns that receiver alone.
select is(
  tests.after(change, $$
    select string_agg(concat_ws(' ', audience, enabled,
      round(extract(epoch from resume_at - clock_timestamp()))), ', ' order by audience)
    from latchkey.receivers
  $$), expected, name
)
from (values
  ('a receiver that is gone is disabled',
    $$select latchkey.settle_notice(tests.session_id('ann', 5), 'gone', '410')$$, 'one f, two t'),
  ('a pause', $$select latchkey.settle_notice(tests.session_id('ann', 5), 'failed', '429', 90)$$,
    'one t 90, two t'),
  ('a shorter pause does not end a longer one',
    $$select latchkey.settle_notice(tests.session_id('ann', 5), 'failed', '429', 90),
        latchkey.settle_notice(tests.session_id('ann', 3), 'failed', '429', 30)$$, 'one t 90, two t'),
  ('a notice that was settled before pauses nothing',
    $$select latchkey.settle_notice(tests.session_id('ann', 1), 'failed', '429', 90)$$, 'one t, two t'),
  ('a disabled receiver stays disabled',
    $$update latchkey.receivers set enabled = false;
      select latchkey.settle_notice(tests.session_id('ann', 5), 'failed', '429', 90)$$,
    'one f 90, two f')
) cases (name, change, expected);
select is(
  tests.after(
    $$select latchkey.settle_notice(tests.session_id('ann', 5), 'gone', '410')$$,
    $$select outcome from latchkey.outbox where id = tests.session_id('ann', 5)$$
  ), 'gone', 'a notice that was answered with gone is settled'
);
update latchkey.outbox set due_at = now();
select bag_eq(
  $$select n ->> 'id' from jsonb_array_elements(latchkey.take_notices(10, null)) n$$,
  $$select tests.session_id('ann', notice)::text from unnest(array[3, 5]) notice$$,
  'only notices that are not settled are handed out again'
);

select * from finish();
rollback;
