-- The revocation rolls back alone; the live check looks at auth.sessions too.
begin;
select plan(2);

select tests.sign_in('ann');
create or replace function latchkey.session_ended() returns trigger
language plpgsql as 'begin raise exception ''broken''; end';

select lives_ok(
  $$delete from auth.sessions where id = tests.session_id('ann')$$,
  'A sign-out does not need the trigger'
);
select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('ann'), tests.get_supabase_uid('ann')
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'And the session is over all the same'
);

select * from finish();
rollback;
