begin;
select plan(3);

select tests.sign_in('ann');

update latchkey.refresh_tokens
set idle_expires_at = now() - interval '2 days', expires_at = now() - interval '1 day'
where session_id = tests.session_id('ann');
select is(
  (latchkey.session_state(
    tests.session_id('ann'), tests.get_supabase_uid('ann')
  )).reason,
  'idle', 'A session that was idle for too long has not lasted until its absolute end'
);

update latchkey.refresh_tokens
set idle_expires_at = now() - interval '1 day', expires_at = now() - interval '2 days'
where session_id = tests.session_id('ann');
select is(
  (latchkey.session_state(
    tests.session_id('ann'), tests.get_supabase_uid('ann')
  )).reason,
  'absolute', 'Nor was one idle that was over before'
);

update latchkey.refresh_tokens set idle_expires_at = expires_at
where session_id = tests.session_id('ann');
select is(
  (latchkey.session_state(
    tests.session_id('ann'), tests.get_supabase_uid('ann')
  )).reason,
  'absolute', 'Of two ends at the same time, the absolute one counts'
);

select * from finish();
rollback;
