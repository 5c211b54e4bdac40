-- A soft deletion that left the sessions standing.
begin;
select plan(2);

update latchkey.settings set
  access_token_seconds = 900, reuse_interval_seconds = 10,
  idle_timeout = '30 days', absolute_timeout = '365 days';
select tests.sign_in('ann');
update auth.users set deleted_at = now() where id = tests.get_supabase_uid('ann');

select results_eq(
  $$select outcome::text, reason::text, claims from tests.refresh('ann', 0)$$,
  $$values ('revoked', 'user_deleted', null::jsonb)$$,
  'A deleted user gets no token'
);
select is(
  (select revoked_reason from latchkey.refresh_tokens
   where session_id = tests.session_id('ann')),
  'user_deleted', 'The session is ended now'
);

select * from finish();
rollback;
