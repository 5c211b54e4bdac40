-- A forged end of a session would sign its user out of the app.
begin;
select plan(4);

select tests.sign_in('ann');
select tests.authenticate_as('ann');
select set_config('realtime.topic', 'user:' || tests.get_supabase_uid('ann'), true);

select throws_ok(
  $$insert into realtime.messages (topic, extension, event, private)
    values ('user:' || tests.get_supabase_uid('ann'), 'broadcast', 'session-revoked', true)$$,
  '42501', null, 'Not on the own channel'
);
select set_config('realtime.topic', 'session:' || tests.session_id('ann'), true);
select throws_ok(
  $$insert into realtime.messages (topic, extension, event, private)
    values ('session:' || tests.session_id('ann'), 'broadcast', 'session-revoked', true)$$,
  '42501', null, 'Not on that of the session'
);
set local role anon;
select throws_ok(
  $$insert into realtime.messages (topic, extension, event, private)
    values ('user:' || tests.get_supabase_uid('ann'), 'broadcast', 'session-revoked', true)$$,
  '42501', null, 'Not by somebody who is not signed in'
);
reset role;
select is_empty(
  $$select from realtime.messages
    where topic in (
      'session:' || tests.session_id('ann'),
      'user:' || tests.get_supabase_uid('ann')
    )$$,
  'There is nothing to deliver'
);

select * from finish();
rollback;
