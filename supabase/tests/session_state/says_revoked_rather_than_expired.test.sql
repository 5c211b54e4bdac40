-- The reason that ended it counts, however long ago.
begin;
select plan(1);

select tests.sign_in('ann');
select tests.end_session('ann', 1, 'banned');
update latchkey.refresh_tokens set expires_at = now(), idle_expires_at = now()
where session_id = tests.session_id('ann');

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('ann'), tests.get_supabase_uid('ann')
    )$$,
  $$values ('revoked', 'banned')$$,
  'A revoked session does not expire'
);

select * from finish();
rollback;
