begin;
select plan(2);

select tests.sign_in('ann', device) from generate_series(1, 4) device;

update latchkey.refresh_tokens
set revoked_at = now() - interval '29 days', revoked_reason = 'admin' where session_id = tests.session_id('ann');
update latchkey.refresh_tokens set expires_at = now() - interval '29 days' where session_id = tests.session_id('ann', 2);
update latchkey.refresh_tokens set idle_expires_at = now() - interval '29 days' where session_id = tests.session_id('ann', 3);

select is(latchkey.prune_sessions(), 0, 'It can still say why it ended');
update latchkey.settings set ended_sessions_kept = interval '28 days';
select is(latchkey.prune_sessions(), 3, 'A new setting counts at once');

select * from finish();
rollback;
