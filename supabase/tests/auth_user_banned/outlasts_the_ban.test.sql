begin;
select plan(1);

select tests.sign_in('ann');
update auth.users set banned_until = now() + interval '1 hour'
where id = tests.get_supabase_uid('ann');
update auth.users set banned_until = null where id = tests.get_supabase_uid('ann');

select results_eq(
  $$select outcome::text, reason::text from tests.refresh('ann', 0)$$,
  $$values ('revoked', 'banned')$$,
  'The sessions do not come back with the end of the ban'
);

select * from finish();
rollback;
