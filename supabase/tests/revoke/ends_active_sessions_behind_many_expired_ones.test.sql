begin;
select plan(3);

select tests.create_supabase_user('ann');
insert into auth.sessions (id, user_id)
select ('aaaaaaaa-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid,
  tests.get_supabase_uid('ann')
from generate_series(1, 1500) i;
-- Of the calling session and 1,499 others, 10 are active.
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at)
select s.id, s.user_id, sha256('seed'), e.expires_at, e.expires_at
from (
  select id, user_id, row_number() over (order by id) as number
  from auth.sessions where user_id = tests.get_supabase_uid('ann')
) s
cross join lateral (
  select now() + case when s.number = 1 or s.number > 1490
    then interval '1 day' else interval '-1 day' end as expires_at
) e;

create temp table answers (call integer, revoked integer, more boolean);
insert into answers
select i, r.revoked, r.more from generate_series(1, 2) i,
  lateral latchkey.revoke(
    tests.session_id('ann'), tests.get_supabase_uid('ann'),
    null, 'others', case when i = 0 then gen_random_uuid() end, null
  ) r;

select results_eq(
  'select more from answers order by call', 'values (true), (false)',
  'There are more while a call found as many as it takes'
);
select is(
  (select sum(revoked)::integer from answers), 10, 'The active ones are counted'
);
select results_eq(
  $$select session_id from latchkey.sessions_of_user(
      tests.get_supabase_uid('ann'), null, null
    ) ids, unnest(ids) session_id$$,
  $$values (tests.session_id('ann'))$$,
  'Only the calling session is left'
);

select * from finish();
rollback;
