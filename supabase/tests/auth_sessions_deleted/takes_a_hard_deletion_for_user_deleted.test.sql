-- The cascade takes the rows along; the trail and the news stay.
begin;
select plan(3);

select tests.sign_in('ann');
delete from auth.users where id = tests.get_supabase_uid('ann');

select is_empty(
  $$select from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann')$$,
  'The row is gone'
);
select results_eq(
  $$select event::text, reason::text, initiating_entity::text from latchkey.session_events
    where session_id = tests.session_id('ann') and event <> 'session_created'$$,
  $$values ('authn_token_revoked', 'user_deleted', 'admin')$$,
  'It is one event'
);
select results_eq(
  $$select topic, payload ->> 'reason' from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'user:' || tests.get_supabase_uid('ann')
    )
    order by topic$$,
  $$values ('session:' || tests.session_id('ann'), 'user_deleted'),
      ('user:' || tests.get_supabase_uid('ann'), 'user_deleted')$$,
  'It is broadcast once on each channel'
);

select * from finish();
rollback;
