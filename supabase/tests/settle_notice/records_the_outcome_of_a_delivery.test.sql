begin;
select plan(8);
select tests.sign_in('ann', device) from generate_series(1, 4) device;
select tests.create_receivers();
delete from latchkey.receivers where audience = 'two';
select tests.end_session('ann', device) from generate_series(1, 4) device;
select latchkey.take_notices(10, null);
update latchkey.outbox set created_at = now() - interval '73 hours'
where session_id in (tests.session_id('ann'), tests.session_id('ann', 4));
create function pg_temp.settle(device integer, delivery latchkey.notice_outcome, answer text)
returns latchkey.notice_outcome language sql as $$
  select latchkey.settle_notice(id, delivery, answer) from latchkey.outbox
  where session_id = tests.session_id('ann', device);
$$;

select is(pg_temp.settle(device, delivery::latchkey.notice_outcome, answer)::text, expected, name)
from (values
  ('delivered', 1, 'delivered', '202', 'delivered'),
  ('rejected by the receiver', 2, 'refused', '400 invalid_key', 'refused'),
  ('failed, to be sent again', 3, 'failed', '503', 'failed'),
  ('given up after three days', 4, 'failed', repeat('x', 300), 'given_up')
) cases (name, device, delivery, answer, expected);
select results_eq(
  $$select outcome::text, last_answer, settled_at is not null from latchkey.outbox
    where user_id = tests.get_supabase_uid('ann') order by session_id$$,
  $$values ('delivered', '202', true), ('refused', '400 invalid_key', true),
    (null, '503', false), ('given_up', repeat('x', 200), true)$$,
  'the outcomes and the last answers are stored'
);
select is(
  pg_temp.settle(1, 'failed', '503'), null, 'a later failure does not replace a success'
);
update latchkey.outbox set due_at = now() where user_id = tests.get_supabase_uid('ann');
select results_eq(
  $$select n ->> 'session_id' from jsonb_array_elements(latchkey.take_notices(10, null)) n
    where n ->> 'user_id' = tests.get_supabase_uid('ann')::text$$,
  $$values (tests.session_id('ann', 3)::text)$$,
  'only the failed notice is handed out again'
);
select is(
  latchkey.settle_notice(gen_random_uuid(), 'delivered', '202'), null, 'an unknown notice has no outcome'
);

select * from finish();
rollback;
