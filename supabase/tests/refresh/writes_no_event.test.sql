-- Storage and noise must not grow with use.
begin;
select plan(2);

select tests.sign_in('ann');
select tests.refresh('ann', 0);
select tests.refresh('ann', 0);
select tests.refresh('ann', 1);

select results_eq(
  $$select event::text from latchkey.session_events
    where session_id = tests.session_id('ann')$$,
  $$values ('session_created')$$,
  'Neither a rotation nor a repetition is an event'
);
select is_empty(
  $$select from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'user:' || tests.get_supabase_uid('ann')
    )$$,
  'And nobody is told'
);

select * from finish();
rollback;
