-- Only Supabase Auth knew it, and has forgotten it.
begin;
select plan(2);

select tests.create_supabase_user('ann');

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(
      tests.session_id('ann'), tests.get_supabase_uid('ann')
    )$$,
  $$values ('revoked', 'signed_out')$$,
  'No row anywhere'
);

select results_eq(
  $$select outcome::text, reason::text from latchkey.session_state(null, tests.get_supabase_uid('ann'))$$,
  $$values ('revoked', 'signed_out')$$,
  'No session at all'
);

select * from finish();
rollback;
