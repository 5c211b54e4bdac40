-- The access token names both; they must belong together.
begin;
select plan(4);

select tests.create_auth_session('bob', 3);
select tests.sign_in('bob');
select tests.sign_in('ann', 2);
select latchkey.login(tests.session_id('bob', 3), sha256('seed'), 'aal1', '[]', null, null, null, null);
select tests.end_session('bob', 3, 'banned');
select tests.create_auth_session('bob', 4);

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('ann'), tests.get_supabase_uid('ann')
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'A session nobody has'
);

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('bob'), tests.get_supabase_uid('ann')
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'A session of another user'
);
select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('bob', 3), tests.get_supabase_uid('ann')
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'One that was revoked: why is not for others to know'
);
select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('bob', 4), tests.get_supabase_uid('ann')
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'One that only Supabase Auth knows'
);

select * from finish();
rollback;
