begin;
select plan(14);
select tests.sign_in('ann');
select tests.sign_in('ann', 2);
select tests.sign_in('bob');
select tests.end_session('ann', 2, 'user');

create temp table statements (name text, statement text);
insert into statements values
  ('adds none', $$insert into latchkey.session_events (event, session_id, user_id) values
    ('session_created', tests.session_id('ann'), tests.get_supabase_uid('ann'))$$),
  ('changes none', $$update latchkey.session_events set reason = 'user'$$),
  ('deletes none', 'delete from latchkey.session_events'),
  ('reads no partition around the row level security of the table',
    'select from latchkey.session_events_default');
select is(
  tests.error_after($$select tests.authenticate_as('ann')$$, statement), '42501', 'a user ' || name
)
from statements;
select is(
  tests.error_after('set local role ' || role, 'select from latchkey.session_events'),
  '42501', role || ' reads none'
)
from unnest(array['anon', 'service_role']) role;

select is(
  tests.after(
    change,
    $$select coalesce(string_agg(concat_ws(' ', right(session_id::text, 1), event, reason), ', '
        order by session_id, event), 'none') from latchkey.session_events$$
  ),
  expected, name
)
from (values
  ('a user reads the events of the user''s own sessions', $$select tests.authenticate_as('ann')$$,
    '1 session_created, 2 session_created, 2 authn_token_revoked user'),
  ('a revoked session reads none', $$select tests.authenticate_as('ann', 2)$$, 'none'),
  ('a token without claims reads none', 'set local role authenticated', 'none')
) cases (name, change, expected);

select is(
  tests.after(
    $$delete from auth.users where id = tests.get_supabase_uid('ann')$$,
    $$select string_agg(event::text, ', ' order by event, session_id)
      from latchkey.session_events where user_id = tests.get_supabase_uid('ann')$$
  ),
  'session_created, session_created, authn_token_revoked, authn_token_revoked',
  'the events of a deleted user remain'
);

select is(tests.error_after('select', format(
    $$insert into latchkey.session_events (created_at, event, initiating_entity, session_id, user_id)
      values (%L, %L, %L, tests.session_id('ann'), tests.get_supabase_uid('ann'))$$,
    created_at, event, initiating_entity
  )), expected, name)
from (values
  ('an unknown event is rejected', '2026-01-01', 'something_else', 'user', '22P02'),
  ('an unknown initiating entity is rejected', '2026-01-01', 'session_created', 'someone', '22P02'),
  ('an event of long ago is stored', '2001-01-01', 'session_created', 'user', 'no error'),
  ('an event of far ahead is stored, without a partition of its month', '2101-01-01',
    'session_created', 'user', 'no error')
) cases (name, created_at, event, initiating_entity, expected);

select * from finish();
rollback;
