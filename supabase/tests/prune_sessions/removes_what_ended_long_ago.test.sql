begin;
select plan(3);

select tests.sign_in('ann', device) from generate_series(1, 4) device;

update latchkey.refresh_tokens
set revoked_at = now() - interval '31 days', revoked_reason = 'admin' where session_id = tests.session_id('ann');
update latchkey.refresh_tokens set expires_at = now() - interval '31 days' where session_id = tests.session_id('ann', 2);
update latchkey.refresh_tokens set idle_expires_at = now() - interval '31 days' where session_id = tests.session_id('ann', 3);

select is(latchkey.prune_sessions(), 3, 'Revoked, idle, and past its time');
select bag_eq(
  $$select session_id from latchkey.refresh_tokens where user_id = tests.get_supabase_uid('ann')$$,
  $$values (tests.session_id('ann', 4))$$,
  'What stands is left'
);
select bag_eq(
  $$select session_id, event::text from latchkey.session_events
    where user_id = tests.get_supabase_uid('ann') and event <> 'session_created'$$,
  $$values (tests.session_id('ann'), 'authn_token_revoked'), (tests.session_id('ann', 2), 'session_expired'), (tests.session_id('ann', 3), 'session_expired')$$,
  'The trail tells of each end once'
);

select * from finish();
rollback;
