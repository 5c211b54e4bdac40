begin;
select plan(1);

select tests.sign_in('ann');
select tests.end_session('ann');

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('ann'), tests.get_supabase_uid('ann')
    )$$,
  $$values ('revoked', 'admin')$$,
  'Revoked, with the reason'
);

select * from finish();
rollback;
