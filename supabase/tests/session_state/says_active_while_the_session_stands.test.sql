begin;
select plan(1);

select tests.sign_in('ann');

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('ann'), tests.get_supabase_uid('ann')
    )$$,
  $$values ('active', null::text)$$,
  'A session stands from its sign-in'
);

select * from finish();
rollback;
