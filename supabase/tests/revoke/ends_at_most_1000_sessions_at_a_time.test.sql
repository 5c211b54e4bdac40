begin;
select plan(6);

select tests.create_supabase_user('ann');
insert into auth.sessions (id, user_id)
select ('aaaaaaaa-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid,
  tests.get_supabase_uid('ann')
from generate_series(1, 1100) i;
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at)
select id, user_id, sha256('seed'), now() + interval '1 day', now() + interval '1 day'
from auth.sessions where user_id = tests.get_supabase_uid('ann')
order by id limit 1050;

prepare revoke (latchkey.revoke_scope) as
  select outcome::text, revoked, more from latchkey.revoke(
    tests.session_id('ann'), tests.get_supabase_uid('ann'),
    null, $1, null, null
  );
select results_eq(
  $$execute revoke ('global')$$, $$values ('done', 1000, true)$$,
  'The first call ends 1,000 and says that there are more'
);
select is(
  (latchkey.session_state(
    tests.session_id('ann'), tests.get_supabase_uid('ann')
  )).outcome,
  'active', 'The calling session is still active, to end the rest'
);
select results_eq(
  $$execute revoke ('global')$$, $$values ('done', 100, false)$$,
  'The second call ends the rest, those of Supabase Auth too, and the calling session'
);
select is_empty(
  $$select from auth.sessions where user_id = tests.get_supabase_uid('ann')$$,
  'No session is left'
);
select results_eq(
  $$select revoked_reason::text, count(*)::integer from latchkey.refresh_tokens
    where user_id = tests.get_supabase_uid('ann') group by 1 order by 1$$,
  $$values ('signed_out', 1), ('user', 1049)$$,
  'Only the calling session is signed out'
);
select is(
  (select count(*)::integer from latchkey.session_events
    where user_id = tests.get_supabase_uid('ann')),
  1050, 'One event for each session of Latchkey'
);

select * from finish();
rollback;
