begin;
select plan(3);

insert into auth.users (id, email, aud, role) values
  ('aaaaaaaa-0000-4000-8000-000000000000', 'ann@pgtap.example', 'authenticated', 'authenticated');
insert into auth.sessions (id, user_id)
select ('aaaaaaaa-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid,
  'aaaaaaaa-0000-4000-8000-000000000000'
from generate_series(1, 1500) i;
-- Of the calling session and 1,499 others, 10 are active.
insert into latchkey.refresh_tokens
  (session_id, user_id, secret_hash, expires_at, idle_expires_at)
select s.id, s.user_id, sha256('seed'), e.expires_at, e.expires_at
from (
  select id, user_id, row_number() over (order by id) as number
  from auth.sessions where user_id = 'aaaaaaaa-0000-4000-8000-000000000000'
) s
cross join lateral (
  select now() + case when s.number = 1 or s.number > 1490
    then interval '1 day' else interval '-1 day' end as expires_at
) e;

create temp table answers (call integer, revoked integer, more boolean);
insert into answers
select i, r.revoked, r.more from generate_series(1, 2) i,
  lateral latchkey.revoke(
    'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000000',
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
      'aaaaaaaa-0000-4000-8000-000000000000', null, null
    ) ids, unnest(ids) session_id$$,
  $$values ('aaaaaaaa-0000-4000-8000-000000000001'::uuid)$$,
  'Only the calling session is left'
);

select * from finish();
rollback;
