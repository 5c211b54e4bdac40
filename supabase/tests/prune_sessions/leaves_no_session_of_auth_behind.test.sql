-- Without the row here, a row of Auth's would look like a session that Latchkey never managed.
begin;
select plan(3);

select tests.sign_in('ann', device) from generate_series(1, 4) device;

update latchkey.refresh_tokens set idle_expires_at = now() - interval '31 days' where session_id = tests.session_id('ann');
alter table latchkey.refresh_tokens disable trigger session_revoked;
update latchkey.refresh_tokens
set revoked_at = now() - interval '31 days', revoked_reason = 'admin' where session_id = tests.session_id('ann', 2);
alter table latchkey.refresh_tokens enable trigger session_revoked;
select is(
  (select count(*) from auth.sessions where id in (tests.session_id('ann'), tests.session_id('ann', 2))), 2::bigint, 'Auth has kept both'
);
select latchkey.prune_sessions();

select is_empty($$select from auth.sessions where id in (tests.session_id('ann'), tests.session_id('ann', 2))$$, 'Now it has neither');
set local request.jwt.claims = '{"sub": "aaaaaaaa-0000-4000-8000-000000000000", "session_id": "aaaaaaaa-0000-4000-8000-000000000002"}';
select is(latchkey.session_active(), false, 'And none of them stands again');

select * from finish();
rollback;
