-- An app can ask before it adopts the login.
begin;
select plan(1);

select tests.create_auth_session('ann');

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('ann'), tests.get_supabase_uid('ann')
    )$$,
  $$values ('active', null::text)$$,
  'It stands for as long as Supabase Auth keeps it'
);

select * from finish();
rollback;
