-- The deletion in auth.sessions may have failed: the revocation counts alone.
begin;
select plan(1);

select tests.create_auth_session('ann');
select tests.login('ann');
select tests.end_session('ann');
select tests.create_auth_session('ann');

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('ann'), tests.get_supabase_uid('ann')
    )$$,
  $$values ('revoked', 'admin')$$,
  'What Latchkey ended has ended'
);

select * from finish();
rollback;
