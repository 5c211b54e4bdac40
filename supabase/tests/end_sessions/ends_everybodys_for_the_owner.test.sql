-- What SECURITY.md advises after a leak.
begin;
select plan(3);

select tests.create_auth_session('bob', 2);
select tests.sign_in('ann');
select tests.sign_in('bob');
set local role postgres;

select cmp_ok(
  latchkey.end_sessions(array(select id from auth.sessions), 'admin', null, null, null), '>=', 3,
  'The owner of the database ends them all'
);
select is_empty('select from auth.sessions', 'Those that only Supabase Auth knew, too');
select set_eq(
  $$select session_id, reason::text, initiating_entity::text from latchkey.session_events
    where session_id in (
      tests.session_id('ann'), tests.session_id('bob')
    ) and event <> 'session_created'$$,
  $$values (tests.session_id('ann'), 'admin', 'admin'),
    (tests.session_id('bob'), 'admin', 'admin')$$,
  'And the trail says that an administrator did it'
);

select * from finish();
rollback;
