begin;
select plan(2);

select tests.create_auth_session('ann', 3);

select lives_ok(
  $$delete from auth.sessions where id = tests.session_id('ann', 3)$$,
  'A session that only Supabase Auth knows is signed out there'
);
select is_empty(
  $$select from latchkey.session_events
    where session_id = tests.session_id('ann', 3)$$,
  'And is no event here'
);

select * from finish();
rollback;
