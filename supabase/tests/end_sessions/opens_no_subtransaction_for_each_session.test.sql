-- A transaction with more than 64 subtransactions slows all others down.
begin;
select plan(2);

select tests.create_supabase_user('ann');
insert into auth.sessions (id, user_id)
select gen_random_uuid(), tests.get_supabase_uid('ann') from generate_series(1, 500);
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at)
select id, user_id, sha256('seed'), now() + interval '1 day', now() + interval '1 day'
from auth.sessions where user_id = tests.get_supabase_uid('ann');
-- Expired sessions are not broadcast: realtime.send(), the platform's own, opens one
-- subtransaction for each message.
update latchkey.refresh_tokens set expires_at = now()
where user_id = tests.get_supabase_uid('ann');

prepare subtransactions as
  select s.subxact_count
  from pg_stat_get_backend_idset() b, pg_stat_get_backend_subxact(b) s
  where pg_stat_get_backend_pid(b) = pg_backend_pid();
create temp table before as execute subtransactions;
delete from latchkey.refresh_tokens where user_id = tests.get_supabase_uid('ann');
select pg_stat_clear_snapshot();
create temp table after as execute subtransactions;

select is(
  (select count(*)::integer from latchkey.session_events
    where user_id = tests.get_supabase_uid('ann')),
  500, 'each end has an event'
);
select cmp_ok(
  (select a.subxact_count - b.subxact_count from after a, before b), '<', 10,
  'a few subtransactions suffice'
);

select * from finish();
rollback;
