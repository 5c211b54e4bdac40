begin;
select plan(1);

select tests.sign_in('ann');
update latchkey.refresh_tokens set idle_expires_at = now()
where session_id = tests.session_id('ann');

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('ann'), tests.get_supabase_uid('ann')
    )$$,
  $$values ('expired', 'idle')$$,
  'At its idle end a session has expired'
);

select * from finish();
rollback;
